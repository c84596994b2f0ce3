import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Programs, and what starts them: scripts, container and process manager files. */
const LOOKED_INTO = /\.([cm]?[jt]sx?|json|ya?ml|sh|service)$|^(Dockerfile|Procfile|\.env)/;
const LEFT_OUT = /^(node_modules|coverage|\..*)$/;
/** Beyond them the search is given up: an application's own files are fewer and smaller. */
const MAX_FILES = 5_000;
const MAX_CHARACTERS = 1_000_000;

/**
 * The files below a folder in which one of these texts stands, by their paths in it, the nearest to the folder
 * first. Installed packages are left out.
 */
export function filesThatMention(texts: RegExp, folder: string): readonly string[] {
  const found: string[] = [];
  const folders = [folder];
  let files = 0;
  for (const where of folders) {
    for (const entry of entriesOf(where)) {
      const path = join(where, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.test(entry.name)) folders.push(path);
      if (!entry.isFile() || !LOOKED_INTO.test(entry.name)) continue;
      files += 1;
      if (files > MAX_FILES) return found;
      if (texts.test(textOf(path))) found.push(relative(folder, path));
    }
  }
  return found;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, MAX_CHARACTERS);
  } catch {
    return '';
  }
}
