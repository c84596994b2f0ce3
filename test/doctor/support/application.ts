import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckContext } from '../../../src/doctor/check.js';

/** An application in a temporary folder, which a test fills. */
export interface Application {
  readonly folder: string;
  /** Writes a file and its folders. An object is written as JSON. */
  write(path: string, content: string | object): void;
  /** Makes `path` a link. */
  link(path: string, target: string): void;
  /** The argument of a check. */
  context(env?: CheckContext['env']): CheckContext;
  remove(): void;
}

export function newApplication(): Application {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
  const place = (path: string): string => {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  return {
    folder,
    write: (path, content) =>
      writeFileSync(place(path), typeof content === 'string' ? content : JSON.stringify(content)),
    link: (path, target) => symlinkSync(target, place(path)),
    context: (env = {}) => ({ folder, env, timeoutMillis: 5_000 }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
