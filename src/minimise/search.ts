import {
  innerUnits,
  messageUnits,
  optionUnits,
  partUnits,
  toolUnits,
  turnUnits,
  type Unit,
  without,
} from './units.js';

export type Body = Readonly<Record<string, unknown>>;

/** Whether the provider rejects this body with the same error. Rejects without a conclusive response. */
export type IsSame = (body: Body) => Promise<boolean>;

/** The units to remove, the largest first. Each stage works on the result of the previous one. */
const STAGES: readonly ((body: Body) => readonly Unit[])[] = [
  turnUnits,
  messageUnits,
  toolUnits,
  optionUnits,
  partUnits,
  innerUnits,
];

/**
 * Delta debugging: removes messages, tools, options and parts as long as the request is rejected with the same error. In
 * the result, no single message, tool or option can be removed.
 *
 * @param onSmaller called with each smaller request
 */
export async function minimise(
  body: Body,
  isSame: IsSame,
  onSmaller: (body: Body) => void = () => {},
): Promise<Body> {
  let smallest = body;
  const take = (smaller: Body): void => {
    smallest = smaller;
    onSmaller(smaller);
  };
  for (const unitsOf of STAGES) {
    const units = unitsOf(smallest);
    const from = smallest;
    const needed = await neededUnits(units, async (kept) => {
      const candidate = without(
        from,
        units.filter((unit) => !kept.includes(unit)),
      );
      if (!(await isSame(candidate))) return false;
      take(candidate);
      return true;
    });
    take(
      without(
        from,
        units.filter((unit) => !needed.includes(unit)),
      ),
    );
  }
  // A later stage may have made more units removable.
  for (const unitsOf of [messageUnits, optionUnits, toolUnits]) {
    for (let index = unitsOf(smallest).length - 1; index >= 0; index -= 1) {
      const unit = unitsOf(smallest)[index];
      if (unit === undefined) continue;
      const candidate = without(smallest, [unit]);
      if (await isSame(candidate)) take(candidate);
    }
  }
  return smallest;
}

/**
 * Returns the units that the error requires. Bisects from both ends first, since most errors have one cause, then
 * reduces the units between the first and the last.
 *
 * @param reproduces whether the error is the same with only these units
 */
async function neededUnits(
  units: readonly Unit[],
  reproduces: (kept: readonly Unit[]) => Promise<boolean>,
): Promise<readonly Unit[]> {
  if (units.length === 0 || (await reproduces([]))) return [];
  if (units.length === 1) return units;
  const upTo = await least(1, units.length, (count) => reproduces(units.slice(0, count)));
  const head = units.slice(0, upTo);
  const skipped = upTo - (await least(1, upTo, (count) => reproduces(head.slice(upTo - count))));
  const [first, ...rest] = head.slice(skipped);
  const last = rest.pop();
  if (first === undefined || last === undefined) return first === undefined ? [] : [first];
  const between = await neededBetween(rest, (kept) => reproduces([first, ...kept, last]));
  return [first, ...between, last];
}

/** Bisects for the smallest number for which `holds` is true; it is true for `high`. */
async function least(low: number, high: number, holds: (count: number) => Promise<boolean>): Promise<number> {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (await holds(middle)) to = middle;
    else from = middle + 1;
  }
  return to;
}

/** ddmin by Zeller and Hildebrandt (2002), by complements: removes ever smaller pieces. */
async function neededBetween(
  units: readonly Unit[],
  reproduces: (kept: readonly Unit[]) => Promise<boolean>,
): Promise<readonly Unit[]> {
  let remaining = units;
  for (let size = remaining.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < remaining.length; ) {
      const kept = [...remaining.slice(0, at), ...remaining.slice(at + size)];
      if (await reproduces(kept)) remaining = kept;
      else at += size;
    }
  }
  return remaining;
}
