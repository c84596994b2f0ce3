import { inspect } from 'node:util';
import { randomFrom } from '../../test/redact/planted.js';
import { scriptOf } from './answers.js';
import { AROUND, RUN_TURNS } from './runs.js';
import { CALL_TURNS, GOOD_TURN, oneOf, type Stage, type Turn } from './turns.js';

/** One turn in so many is of runs rather than a call. */
const CALLS_TO_RUNS = 6;
const SEED = 1;

/** The turns of an application's users, the same in each run of the program but for what time decides. */
export class Traffic {
  /** By name. */
  readonly played: Record<string, number> = {};
  /** Of turns that should have succeeded, what they failed with. */
  readonly wrong: string[] = [];
  turns = 0;
  /** That the turns are. */
  runs = 0;
  underWay = 0;
  readonly #random = randomFrom(SEED);
  readonly #stage: Stage;

  constructor(provider: string) {
    this.#stage = {
      random: this.#random,
      url: (...answers) =>
        `${provider}/${scriptOf(answers)}/${this.turns}-${Math.floor(this.#random() * 1e9)}`,
    };
  }

  /** Begins a turn, and does not wait for it. */
  begin(): void {
    void this.#play();
  }

  async #play(): Promise<void> {
    const isCall = Math.floor(this.#random() * CALLS_TO_RUNS) > 0;
    const turn = this.#chosen(isCall ? CALL_TURNS : RUN_TURNS);
    this.turns += 1;
    this.runs += turn.runs ?? 1;
    this.underWay += 1;
    this.played[turn.name] = (this.played[turn.name] ?? 0) + 1;
    try {
      if (isCall) await oneOf(this.#random, AROUND)(this.#stage, () => turn.play(this.#stage));
      else await turn.play(this.#stage);
    } catch (error) {
      // All others may fail, which is what they are for.
      if (turn === GOOD_TURN) this.wrong.push(inspect(error, { compact: true, breakLength: Infinity }));
    }
    this.underWay -= 1;
  }

  #chosen(all: readonly Turn[]): Turn {
    let left = this.#random() * all.reduce((sum, { weight }) => sum + weight, 0);
    const found = all.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    return found ?? GOOD_TURN;
  }
}
