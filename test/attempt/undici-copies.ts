import type * as undici from 'undici';

export type Undici = typeof undici;

export interface Copy {
  /** The name its users know, e.g. `undici 6`. */
  readonly name: string;
  readonly major: number;
  readonly undici: Undici;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
export const NODE_MAJOR = major;
const runsUndici8 = major > 22 || (major === 22 && minor >= 19);

const load = (name: string): Undici => require(name);

/** The copies of undici that this Node runs. The types are those of version 7, which has everything used here. */
export const COPIES: readonly Copy[] = [
  { name: 'undici 5', major: 5, undici: load('undici5') },
  { name: 'undici 6', major: 6, undici: load('undici6') },
  { name: 'undici 7', major: 7, undici: load('undici') },
  ...(runsUndici8 ? [{ name: 'undici 8', major: 8, undici: load('undici8') }] : []),
];
