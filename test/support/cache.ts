import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder outside the checkout for artifacts that take long to build or install. Each content of the pinning file has
 * its own folder.
 *
 * @param pinned the content of the manifest or lock file that pins the versions
 * @returns a path below `$XDG_CACHE_HOME` or `~/.cache`, which need not exist
 */
export function cacheFolder(name: string, pinned: string | Buffer): string {
  const key = createHash('sha256').update(pinned).digest('hex').slice(0, 12);
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'opentelemetry-instrumentation-chatdebug', `${name}-${key}`);
}
