import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { type Capture, type ChatDebugOptions, type Run, startRun, withRun } from '../../src/index.js';
import { type Random, randomFrom } from '../redact/planted.js';
import type { Route as Answers } from '../support/provider.js';
import { CLIENTS, type Moment } from './clients.js';
import { Places } from './places.js';
import { type Played, problems } from './problems.js';
import { type Stage, setStage } from './stage.js';
import { replyTo, type Scene, scenesOf, type Turn } from './turn.js';

/** The users of a round. */
export const ROUND = 500;
const AT_ONCE = 24;
/** A run is kept for each user with a failed turn, although all fail in the same way. */
const KEEP_ALL = { keepPerFingerprint: 1_000_000, keepPerMinute: 1_000_000 };

export interface RoundResult {
  /** The number of requests at the provider. */
  readonly exchanges: number;
  /** All problems of the received spans, one per line. */
  readonly found: readonly string[];
}

/**
 * Plays the turns of many users in parallel, with recording, and checks all recorded data.
 *
 * @param seed determines everything except the users' numbers
 * @param first the number of the first user
 */
export async function playRound(seed: number, first = 0): Promise<RoundResult> {
  const random: Random = randomFrom(seed);
  const round = new Round(scenesOf(first, ROUND, random));
  await round.play();
  const { stats, spans, scenes, requests } = round;
  const exchanges = [...requests.values()].reduce((sum, one) => sum + one, 0);
  return { exchanges, found: problems({ scenes, requests, spans, stats }) };
}

class Round implements Played {
  /** The number of the turn's requests at the provider, by user. */
  readonly requests = new Map<string, number>();
  readonly #byUser: ReadonlyMap<string, Turn>;
  /** By user, called as soon as the provider has received the request. */
  readonly #asked = new Map<string, () => void>();
  readonly #places = new Places();
  #stage: Stage | undefined;

  constructor(readonly scenes: readonly Scene[]) {
    const turns = scenes.flatMap(({ turn, guest }) => (guest === undefined ? [turn] : [turn, guest.turn]));
    this.#byUser = new Map(turns.map((turn) => [turn.user, turn]));
  }

  get spans() {
    return this.#stage?.recording.receiver.spans ?? [];
  }

  get stats() {
    return this.#stage?.recording.handle.stats().runs;
  }

  async play(): Promise<void> {
    this.#stage = await setStage(this.#options, this.#answers);
    const left = [...this.scenes];
    const lane = async () => {
      for (let scene = left.pop(); scene !== undefined; scene = left.pop()) await this.#playScene(scene);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await this.#stage.close();
  }

  get #options(): ChatDebugOptions {
    return {
      ...KEEP_ALL,
      capture: 'errors',
      captureFor: ({ chatId }) =>
        this.#byUser.get(chatId ?? '')?.chosenBy === 'captureFor, later'
          ? turnOfLoop().then(() => this.#captureOf(chatId))
          : this.#captureOf(chatId),
      runFor: ({ header }) => {
        const user = header('x-user');
        const capture = this.#captureOf(user);
        return capture === 'off' ? false : { chatId: user, ownerId: user, capture };
      },
    };
  }

  #captureOf(user: string | undefined): Capture {
    return this.#byUser.get(user ?? '')?.capture ?? 'errors';
  }

  readonly #answers: Answers = ({ headers }) => {
    const user = String(headers['x-user']);
    const turn = this.#byUser.get(user);
    if (turn === undefined) return undefined;
    const tries = this.requests.get(user) ?? 0;
    this.requests.set(user, tries + 1);
    this.#asked.get(user)?.();
    return replyTo(turn, tries);
  };

  async #playScene({ turn, guest }: Scene): Promise<void> {
    let played: Promise<unknown> | undefined;
    const begin = () => {
      if (guest !== undefined)
        played ??= this.#play(
          guest.turn,
          () => {},
          async () => {},
        );
    };
    const at = (moment: Moment) => {
      if (guest?.at === moment) begin();
    };
    await this.#play(turn, at, async () => {
      begin();
      await played;
    });
  }

  /**
   * Plays a turn; never rejects.
   *
   * @param at called by the client inside its callbacks
   * @param after called in the run after the call
   */
  async #play(turn: Turn, at: (moment: Moment) => void, after: () => Promise<void>): Promise<void> {
    const inside = async (run?: Run) => {
      this.#places.share();
      try {
        await this.#places.call(turn.place, run, () => this.#call(turn, at));
      } finally {
        await after();
      }
    };
    await inRunOf(turn, inside).catch(() => {});
  }

  async #call(turn: Turn, at: (moment: Moment) => void): Promise<void> {
    const { recording, routes, secureUrl } = this.#stage as Stage;
    const controller = new AbortController();
    if (turn.script === 'aborted') this.#asked.set(turn.user, () => controller.abort());
    await CLIENTS.get(turn.client)?.({
      url: recording.provider.url,
      secureUrl,
      user: turn.user,
      prompt: turn.prompt,
      stream: turn.script === 'streamed',
      routes: routes[turn.route] ?? new Map(),
      signal: controller.signal,
      at,
    });
  }
}

async function inRunOf(
  { user, chosenBy, capture, hasHandle }: Turn,
  inside: (run?: Run) => Promise<void>,
): Promise<void> {
  if (chosenBy === 'runFor') return inside();
  const options = { chatId: user, ownerId: user, ...(chosenBy === 'withRun' && { capture }) };
  if (!hasHandle) return withRun(options, inside);
  const run = startRun(options);
  try {
    await run.with(() => inside(run));
  } catch (error) {
    run.fail(error);
  } finally {
    run.end();
  }
}
