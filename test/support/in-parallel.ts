/** Calls `act` for each item in order, `jobs` of them in parallel. Rejects with the first error. */
export async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  act: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const entries = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of entries) await act(item, index);
  };
  await Promise.all(Array.from({ length: jobs }, work));
}
