/** How many runs are kept for errors that repeat. */
export interface KeptLimits {
  /** Of one fingerprint, in a minute. */
  readonly keepPerFingerprint: number;
  /** Of all together, in a minute. */
  readonly keepPerMinute: number;
}

/** What a budget has let pass so far. */
export interface KeptBudgetStats {
  /** Fingerprints it remembers. */
  readonly fingerprints: number;
  /** How many it forgot because there were too many: the next error of such a one counts as its first. */
  readonly forgotten: number;
  /** Runs that were not kept and that no kept one has stood for yet. */
  readonly unrepresented: number;
}

interface Known {
  minute: number;
  keptInMinute: number;
  /** Not kept since the last one that was. */
  skipped: number;
  /** Beyond the budget, one in so many is kept. */
  oneIn: number;
}

const MINUTE_MILLIS = 60_000;
const FIRST_ONE_IN = 10;
/** Fingerprints; two generations are remembered, some 200 bytes each. */
const GENERATION = 5_000;

/**
 * Which runs that failed alike are kept: the first of each minute, as many as the limits say, and beyond them one
 * in 10, then one in 100, and so on until the minute is over. Each that is kept stands for those before it that
 * were not. The first of a fingerprint is kept always.
 */
export class KeptBudget {
  /** Seen since the generation began. In one map, in the order of their last use, each one would cost a search. */
  #recent = new Map<string, Known>();
  /** Seen in the generation before, and not since: they go with the next one. */
  #older = new Map<string, Known>();
  #minute = 0;
  #keptInMinute = 0;
  #unrepresented = 0;
  #forgotten = 0;

  /** @param now monotonic milliseconds */
  constructor(
    private readonly limits: KeptLimits,
    private readonly now: () => number,
  ) {}

  get stats(): KeptBudgetStats {
    return {
      fingerprints: this.#recent.size + this.#older.size,
      forgotten: this.#forgotten,
      unrepresented: this.#unrepresented,
    };
  }

  /** Whether an error of this fingerprint was kept already, as far as is remembered. */
  knows(fingerprint: string): boolean {
    return this.#recent.has(fingerprint) || this.#older.has(fingerprint);
  }

  /** One is kept without being asked about. */
  note(fingerprint: string): void {
    this.#recall(fingerprint);
  }

  /**
   * A run failed with this fingerprint.
   *
   * @returns how many runs it stands for when it is kept, itself included; `undefined` where it is not to be kept
   */
  take(fingerprint: string): number | undefined {
    const isNew = !this.knows(fingerprint);
    const known = this.#recall(fingerprint);
    const minute = this.#turnMinute();
    if (known.minute !== minute) Object.assign(known, { minute, keptInMinute: 0, oneIn: FIRST_ONE_IN });
    const { keepPerFingerprint, keepPerMinute } = this.limits;
    const isWithin = known.keptInMinute < keepPerFingerprint && this.#keptInMinute < keepPerMinute;
    if (!isNew && !isWithin) {
      if (known.skipped + 1 < known.oneIn) {
        known.skipped += 1;
        this.#unrepresented += 1;
        return undefined;
      }
      known.oneIn *= 10;
    }
    const represents = known.skipped + 1;
    this.#unrepresented -= known.skipped;
    known.skipped = 0;
    known.keptInMinute += 1;
    this.#keptInMinute += 1;
    return represents;
  }

  #turnMinute(): number {
    const minute = Math.floor(this.now() / MINUTE_MILLIS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#keptInMinute = 0;
    }
    return minute;
  }

  #recall(fingerprint: string): Known {
    const recent = this.#recent.get(fingerprint);
    if (recent !== undefined) return recent;
    const known = this.#older.get(fingerprint) ?? newlyKnown();
    this.#older.delete(fingerprint);
    this.#recent.set(fingerprint, known);
    if (this.#recent.size === GENERATION) {
      this.#forgotten += this.#older.size;
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    return known;
  }
}

function newlyKnown(): Known {
  return { minute: -1, keptInMinute: 0, skipped: 0, oneIn: FIRST_ONE_IN };
}
