import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redactBodies } from './redact-bodies.js';
import type { Bench } from './schedule.js';
import { type Spread, spreadOf } from './statistics.js';

/** Reading the body of a response for the verdict. */
export interface ScanRow {
  readonly name: string;
  readonly microsPerChunk: Spread;
  readonly megabytesPerSecond: Spread;
  /** One search of each chunk for a needle: what looking at the bytes costs at least. */
  readonly searchMicrosPerChunk: Spread;
}

/** Redacting a body, beside `JSON.parse` and `JSON.stringify` of what is in it. */
export interface RedactRow {
  readonly name: string;
  readonly group: 'ordinary' | 'bad';
  readonly redactMicros: Spread;
  readonly jsonMicros: Spread;
  readonly ratio: Spread;
}

/** One call of `classifyError`. */
export interface ClassifyRow {
  readonly name: string;
  readonly micros: Spread;
}

export interface PartsFigures {
  readonly scanned: readonly ScanRow[];
  readonly redacted: readonly RedactRow[];
  readonly classified: readonly ClassifyRow[];
}

/** What bench/measured/parts.mjs prints; times in microseconds. */
interface Measured {
  readonly scanned: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly chunks: number;
    readonly read: readonly number[];
    readonly search: readonly number[];
  }[];
  readonly redacted: readonly {
    readonly name: string;
    readonly group: RedactRow['group'];
    readonly rounds: readonly { readonly redact: number; readonly json: number }[];
  }[];
  readonly classified: readonly { readonly name: string; readonly micros: readonly number[] }[];
}

const ROOT = join(__dirname, '..');
/** Below node_modules, so that the compiled sources find their dependencies. */
const COMPILED = join(ROOT, 'node_modules', '.cache', 'chatdebug-bench');
const MIN_SECONDS = 3;

export async function partsFigures({ node, progress, deadline }: Bench): Promise<PartsFigures> {
  progress.show('parts');
  compile();
  const seconds = Math.max(MIN_SECONDS, (deadline - performance.now()) / 1_000);
  const measured = await run(node, seconds);
  progress.clear();
  return {
    scanned: measured.scanned.map(({ name, bytes, chunks, read, search }) => ({
      name,
      microsPerChunk: spreadOf(read.map((micros) => micros / chunks)),
      megabytesPerSecond: spreadOf(read.map((micros) => bytes / micros)),
      searchMicrosPerChunk: spreadOf(search.map((micros) => micros / chunks)),
    })),
    redacted: measured.redacted.map(({ name, group, rounds }) => ({
      name,
      group,
      redactMicros: spreadOf(rounds.map(({ redact }) => redact)),
      jsonMicros: spreadOf(rounds.map(({ json }) => json)),
      ratio: spreadOf(rounds.map(({ redact, json }) => redact / json)),
    })),
    classified: measured.classified.map(({ name, micros }) => ({ name, micros: spreadOf(micros) })),
  };
}

/** Module by module: a bundled build has no file for a part. */
function compile(): void {
  const options = ['--declaration', '--declarationMap', '--sourceMap', '--noEmit', '--emitDeclarationOnly'];
  mkdirSync(COMPILED, { recursive: true });
  writeFileSync(join(COMPILED, 'package.json'), '{ "type": "commonjs" }\n');
  execFileSync(
    join(ROOT, 'node_modules', '.bin', 'tsc'),
    ['-p', 'src', '--outDir', COMPILED, ...options.flatMap((option) => [option, 'false'])],
    { cwd: ROOT, stdio: ['ignore', 2, 2] },
  );
}

function run(node: string, seconds: number): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      node,
      [join(__dirname, 'measured', 'parts.mjs'), COMPILED, String(seconds)],
      { maxBuffer: 2 ** 26 },
      (error, stdout) => (error === null ? resolve(JSON.parse(stdout) as Measured) : reject(error)),
    );
    child.stdin?.end(JSON.stringify(redactBodies()));
  });
}
