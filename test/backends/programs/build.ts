import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltProgram, COLLECTOR, findTempo, JAEGER } from './built.js';

const COLLECTOR_BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.161.0';
const JAEGER_MAIN = 'github.com/jaegertracing/jaeger/cmd/jaeger';

/** Builds missing programs. Each takes three minutes if Go has nothing cached. */
function main(): void {
  ensure(COLLECTOR, ({ directory, manifest }) => {
    go(directory, 'run', COLLECTOR_BUILDER, '--config', manifest, '--ldflags=-s');
  });
  ensure(JAEGER, ({ directory, manifest, binary }) => {
    copyFileSync(manifest, join(directory, 'go.mod'));
    go(directory, 'build', '-mod=mod', '-ldflags=-s', '-o', binary, JAEGER_MAIN);
  });
  const tempo = findTempo();
  console.log(
    tempo === undefined
      ? 'Tempo is left out: no TEMPO_BIN and no tempo on the PATH, and it can not be built from its Go module.'
      : `Tempo: ${tempo}`,
  );
}

function ensure(program: BuiltProgram, build: (program: BuiltProgram) => void): void {
  if (!existsSync(program.binary)) {
    console.log(`Building ${program.name} …`);
    mkdirSync(program.directory, { recursive: true });
    build(program);
  }
  console.log(`${program.name}: ${program.binary}`);
}

function go(cwd: string, ...args: string[]): void {
  // Without debugging symbols, which -s would remove: that takes a seventh of the time.
  const flags = '-buildvcs=false -gcflags=all=-dwarf=false';
  const env = { ...process.env, GOFLAGS: `${flags} ${process.env['GOFLAGS'] ?? ''}`.trim() };
  const { status, error } = spawnSync('go', args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw new Error(`the backends are built with Go 1.26: ${error.message}`);
  if (status !== 0) throw new Error(`go ${args.join(' ')} ended with ${status}`);
}

main();
