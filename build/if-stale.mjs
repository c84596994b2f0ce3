/** `npm run build:stale`: builds if `dist/` is missing, or older than a file that it is made of. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The build writes it last. */
const LAST = join(ROOT, 'dist', 'index.mjs');
const SOURCES = [
  ...['package.json', 'package-lock.json', 'tsconfig.json'],
  ...['build/main.mjs', 'build/rolldown.config.mjs', 'build/third-party-notices.mjs'],
];

const built = statSync(LAST, { throwIfNoEntry: false });
if (built === undefined || built.mtimeMs <= newestSource()) await import('./main.mjs');

/** A folder changes with each file that is added, renamed or deleted in it. */
function newestSource() {
  const src = join(ROOT, 'src');
  const inside = readdirSync(src, { recursive: true }).map((path) => join(src, path));
  const paths = [...SOURCES.map((path) => join(ROOT, path)), src, ...inside];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
