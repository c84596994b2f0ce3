/** `npm run build`: bundles `src/` into `dist/`, and writes declarations and ES modules. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
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
writeModules();

function writeDeclarations() {
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'src'], { stdio: 'inherit' });
  const entries = Object.values(exports).flatMap(({ types }) => {
    if (types === undefined) return [];
    return join(typeof types === 'string' ? types : types.default);
  });
  const used = reached(entries);
  for (const path of readdirSync('dist', { recursive: true })) {
    const file = join('dist', path);
    const declaration = file.replace(/\.map$/, '');
    if (declaration.endsWith('.d.ts') && !used.has(declaration)) rmSync(file);
  }
}

/** The declarations that the entries import, directly or indirectly. */
function reached(entries) {
  const seen = new Set(entries);
  // The iteration of a set includes elements that are added during it.
  for (const file of seen)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import) ?\(?['"](\.[^'"]+)\.js['"]/g))
      seen.add(join(dirname(file), `${path}.d.ts`));
  return seen;
}

/**
 * Writes an ES module with its declarations for each entry that has one. It re-exports the CommonJS file of that entry,
 * so that an application that loads both has one state.
 */
function writeModules() {
  const require = createRequire(import.meta.url);
  for (const { import: module, default: commonJs, types } of Object.values(exports)) {
    if (module === undefined) continue;
    const names = Object.keys(require(join(ROOT, commonJs)));
    writeFileSync(module, `export { ${names.join(', ')} } from './${basename(commonJs)}';\n`);
    const declarations = basename(types.default).replace(/\.d\.ts$/, '.js');
    writeFileSync(types.import, `export * from './${declarations}';\n`);
  }
}
