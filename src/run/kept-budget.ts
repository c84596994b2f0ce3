export interface KeptLimits {
  /** Runs per fingerprint and minute. */
  readonly keepPerFingerprint: number;
  /** Runs per minute. */
  readonly keepPerMinute: number;
}

/** The state of the budget for repeated errors. */
export interface KeptBudgetStats {
  /** The number of stored fingerprints. */
  readonly fingerprints: number;
  /** Fingerprints that were evicted by newer ones: their next error counts as the first. */
  readonly forgotten: number;
  /** Runs that were not kept and that no kept run represents yet. */
  readonly unrepresented: number;
}

interface FingerprintState {
  minute: number;
  keptInMinute: number;
  /** Runs that were not kept since the last kept one. */
  skipped: number;
  /** Beyond the limits, one run in this many is kept. */
  oneIn: number;
}

const MINUTE_MILLIS = 60_000;
const FIRST_ONE_IN = 10;
/** Fingerprints of one generation, about 200 bytes each. Two generations are stored. */
const GENERATION = 5_000;

/**
 * Decides which runs with the same fingerprint are kept: in each minute the first ones up to the limits, then one in
 * 10, one in 100 and so on. A kept run represents those before it that were not kept. The first run of a fingerprint is
 * always kept.
 */
export class KeptBudget {
  #recent = new Map<string, FingerprintState>();
  /** Last used in the previous generation: evicted with the next one. */
  #older = new Map<string, FingerprintState>();
  #minute = 0;
  #keptInMinute = 0;
  #unrepresented = 0;
  #forgotten = 0;

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

  /** Whether a run with this fingerprint was kept, unless it was evicted. */
  has(fingerprint: string): boolean {
    return this.#recent.has(fingerprint) || this.#older.has(fingerprint);
  }

  record(fingerprint: string): void {
    this.#stateOf(fingerprint);
  }

  /**
   * Decides about a run that failed with this fingerprint.
   *
   * @returns how many runs it represents, itself included; `undefined` if it is not kept
   */
  take(fingerprint: string): number | undefined {
    const isNew = !this.has(fingerprint);
    const known = this.#stateOf(fingerprint);
    const minute = this.#currentMinute();
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

  #currentMinute(): number {
    const minute = Math.floor(this.now() / MINUTE_MILLIS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#keptInMinute = 0;
    }
    return minute;
  }

  #stateOf(fingerprint: string): FingerprintState {
    const recent = this.#recent.get(fingerprint);
    if (recent !== undefined) return recent;
    const known = this.#older.get(fingerprint) ?? newState();
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

function newState(): FingerprintState {
  return { minute: -1, keptInMinute: 0, skipped: 0, oneIn: FIRST_ONE_IN };
}
