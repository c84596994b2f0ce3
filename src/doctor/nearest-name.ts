/** How many letters may differ for a name to be taken for another one, in parts of its length. */
const MAX_DIFFERENCE = 1 / 3;

/** The name that was probably meant; `undefined` where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((one) => ({ one, letters: distance(name, one) }))
    .sort((a, b) => a.letters - b.letters);
  return nearest !== undefined && nearest.letters <= name.length * MAX_DIFFERENCE ? nearest.one : undefined;
}

/** Letters to add, leave out or replace until one is the other (Levenshtein), row by row. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
