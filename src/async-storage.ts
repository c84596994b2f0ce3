import type { AsyncLocalStorage } from 'node:async_hooks';

/** Disables a storage. In Cloudflare Workers, `disable` throws. */
export function disableStorage(storage: AsyncLocalStorage<unknown>): void {
  try {
    storage.disable();
  } catch {
    // Nothing reads the storage any more, and its contexts are garbage collected.
  }
}
