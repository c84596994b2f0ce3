import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder outside the checkout for what takes long to build or install. Another content of the pinning file means
 * another folder.
 *
 * @param pinned what names the versions: the content of a manifest or a lock file
 * @returns a path below `$XDG_CACHE_HOME`, or `~/.cache`; it need not exist
 */
export function cacheFolder(name: string, pinned: string | Buffer): string {
  const key = createHash('sha256').update(pinned).digest('hex').slice(0, 12);
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'opentelemetry-instrumentation-chatdebug', `${name}-${key}`);
}
