import type { StoreFile } from './store-file.js';

/** Shrinks below the limit, so that the next request does not exceed it again. */
const TARGET_SHARE = 0.9;
const TRACES_PER_BATCH = 50;

/**
 * Deletes the runs of a chat and their traces, including spans of other instrumentations. In a trace with runs of
 * other chats, deletes only the spans with this chat id.
 *
 * @param chat the key of the chat
 * @returns the number of deleted runs
 */
export function deleteChat(file: StoreFile, chat: string): number {
  const runs = file.all('SELECT trace FROM runs WHERE chat = ?', chat);
  const traces = file.all('SELECT DISTINCT trace FROM spans WHERE chat = ?', chat);
  const shared = file.all(
    `SELECT DISTINCT trace FROM runs WHERE chat <> ?1
    AND trace IN (SELECT trace FROM runs WHERE chat = ?1 UNION SELECT trace FROM spans WHERE chat = ?1)`,
    chat,
  );
  const isShared = new Set(shared.map(({ trace }) => trace));
  file.transaction(() => {
    for (const { trace } of [...traces, ...runs]) if (!isShared.has(trace)) deleteTrace(file, String(trace));
    for (const table of ['spans', 'runs']) file.run(`DELETE FROM ${table} WHERE chat = ?`, chat);
  });
  compact(file);
  return runs.length;
}

/**
 * Deletes everything.
 *
 * @returns the number of deleted runs
 */
export function deleteAll(file: StoreFile): number {
  const [row] = file.all('SELECT count(*) AS count FROM runs');
  file.transaction(() => {
    for (const table of ['spans', 'runs', 'traces', 'resources']) file.run(`DELETE FROM ${table}`);
  });
  compact(file);
  return Number(row?.['count']);
}

/**
 * Deletes traces that received their last span before a time.
 *
 * @param before milliseconds since the epoch
 * @returns whether traces were deleted
 */
export function deleteOlder(file: StoreFile, before: number): boolean {
  return deleteTraces(file, file.all('SELECT trace FROM traces WHERE received < ?', before));
}

/**
 * Deletes the oldest traces until the store is well below `maxBytes`.
 *
 * @returns whether traces were deleted
 */
export function deleteBeyond(file: StoreFile, maxBytes: number): boolean {
  if (usedBytes(file) <= maxBytes) return false;
  let isDeleted = false;
  while (usedBytes(file) > TARGET_SHARE * maxBytes) {
    const oldest = file.all(`SELECT trace FROM traces ORDER BY received LIMIT ${TRACES_PER_BATCH}`);
    if (!deleteTraces(file, oldest)) break;
    isDeleted = true;
  }
  return isDeleted;
}

function deleteTraces(file: StoreFile, rows: readonly { readonly trace?: unknown }[]): boolean {
  if (rows.length === 0) return false;
  file.transaction(() => {
    for (const { trace } of rows) deleteTrace(file, String(trace));
  });
  compact(file);
  return true;
}

function deleteTrace(file: StoreFile, trace: string): void {
  for (const table of ['spans', 'runs', 'traces']) file.run(`DELETE FROM ${table} WHERE trace = ?`, trace);
}

function usedBytes(file: StoreFile): number {
  const [row] = file.all(
    `SELECT (page_count - freelist_count) * page_size AS bytes
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  return Number(row?.['bytes']);
}

/** Frees disk space, and removes deleted data from the write-ahead log. */
function compact(file: StoreFile): void {
  file.all('PRAGMA incremental_vacuum');
  file.all('PRAGMA wal_checkpoint(TRUNCATE)');
}
