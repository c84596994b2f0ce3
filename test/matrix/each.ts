/** Does something with each of a list, `jobs` of them at a time, in order. Rejects with the first that does. */
export async function each<T>(
  list: readonly T[],
  jobs: number,
  act: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const entries = list.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of entries) await act(item, index);
  };
  await Promise.all(Array.from({ length: jobs }, work));
}
