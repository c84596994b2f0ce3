/** `npm run build`: bundles `src/` into `dist/`, and writes the declarations beside it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import bundles from './rolldown.config.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { exports } = createRequire(import.meta.url)('../package.json');

process.chdir(ROOT);
rmSync('dist', { recursive: true, force: true });
writeDeclarations();
for (const { output, ...input } of bundles) {
  const bundle = await rolldown(input);
  await bundle.write(output);
  await bundle.close();
}

function writeDeclarations() {
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'src'], { stdio: 'inherit' });
  const entries = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : join(types)));
  const used = reached(entries);
  for (const path of readdirSync('dist', { recursive: true })) {
    const file = join('dist', path);
    const declaration = file.replace(/\.map$/, '');
    if (declaration.endsWith('.d.ts') && !used.has(declaration)) rmSync(file);
  }
}

/** The declarations that the entries import, and those that these import. */
function reached(entries) {
  const seen = new Set(entries);
  // A set gives what is added to it while it is walked.
  for (const file of seen)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import) ?\(?['"](\.[^'"]+)\.js['"]/g))
      seen.add(join(dirname(file), `${path}.d.ts`));
  return seen;
}
