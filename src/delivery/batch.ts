/**
 * The estimated bytes in one request at most: a Collector takes 20 MiB. An endpoint that takes less says 413,
 * and later batches are smaller.
 */
export const BATCH_BYTES = 4 * 1024 * 1024;

/** What one request holds at most. */
export interface BatchLimits {
  readonly spans: number;
  readonly bytes: number;
}

/** How many from the front make one batch: at least one, however large, where there is any. */
export function batchLength(held: readonly { readonly bytes: number }[], limits: BatchLimits): number {
  let bytes = 0;
  let count = 0;
  for (const one of held) {
    bytes += one.bytes;
    if (count === limits.spans || (count > 0 && bytes > limits.bytes)) break;
    count++;
  }
  return count;
}

export function inBatches<T extends { readonly bytes: number }>(
  held: readonly T[],
  limits: BatchLimits,
): T[][] {
  const batches: T[][] = [];
  let rest = [...held];
  while (rest.length > 0) {
    batches.push(rest.slice(0, batchLength(rest, limits)));
    rest = rest.slice(batchLength(rest, limits));
  }
  return batches;
}
