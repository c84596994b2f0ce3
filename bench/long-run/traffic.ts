import { inspect } from 'node:util';
import {
  ANTHROPIC,
  type Dialect,
  GEMINI,
  OPENAI_CHAT,
  OPENAI_RESPONSES,
} from '../../test/outcomes/dialects.js';
import { randomFrom } from '../../test/redact/planted.js';
import { completionStream } from '../../test/support/openai-replies.js';
import type { Reply } from '../../test/support/provider.js';
import { AROUND, CALL_TURNS, GOOD_TURN, oneOf, RUN_TURNS, type Stage, type Turn } from './turns.js';

/** One turn in this many uses runs instead of a plain call. */
const CALLS_TO_RUNS = 6;
const SEED = 1;

/** The turns of an application's users, the same in each run of the program except for timing. */
export class Traffic {
  /** By name. */
  readonly played: Record<string, number> = {};
  /** The errors of turns that should have succeeded. */
  readonly wrong: string[] = [];
  turns = 0;
  /** The number of runs of these turns. */
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

  /** Begins a turn without waiting for it. */
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
      // All other turns may fail.
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

/** Immediate, where a client would wait for seconds. */
const SOON = { 'retry-after-ms': '1' };
const HTML = { 'content-type': 'text/html' };
const LONG = completionStream('wave '.repeat(300));
const MORE_THAN_A_CHUNK = 'x'.repeat(20_000);

interface Asked {
  readonly dialect: Dialect;
  readonly streams: boolean;
}

const failure = (status: 400 | 401 | 429 | 500) => (asked: Asked) => asked.dialect.failure(status, SOON);
const beginningOf = ({ stream, beginning }: Dialect) => stream.events.slice(0, beginning);

/** The behaviour of the provider, by the first word of a request's path. */
const ANSWERS = {
  ok: ({ dialect, streams }) => (streams ? dialect.stream : dialect.answer),
  long: () => LONG,
  gzip: () => ({ ...LONG, encoding: 'gzip' }),
  400: failure(400),
  401: failure(401),
  429: failure(429),
  500: failure(500),
  'large-500': () => ({
    type: 'json',
    status: 500,
    headers: SOON,
    body: { error: { message: 'No luck today.', type: 'server_error', details: MORE_THAN_A_CHUNK } },
  }),
  'endless-500': () => ({
    type: 'sse',
    status: 500,
    headers: { 'content-type': 'application/json', ...SOON },
    events: ['{"error":{"message":"'],
    hangAfter: 1,
  }),
  'error-event': ({ dialect }) => ({
    ...dialect.stream,
    events: [...beginningOf(dialect), dialect.errorEvent],
    done: false,
  }),
  cut: () => ({ type: 'cut', when: 'before-headers' }),
  'cut-in': ({ dialect, streams }) =>
    streams ? { ...dialect.stream, cutAfter: dialect.beginning } : { type: 'cut', when: 'in-body' },
  'ends-early': ({ dialect }) => ({ ...dialect.stream, events: beginningOf(dialect), done: false }),
  'broken-json': () => ({ type: 'json', body: '{"choices":[{"message":' }),
  page: () => ({ type: 'text', headers: HTML, body: '<html><title>Sign in</title></html>' }),
  hang: () => ({ type: 'hang', when: 'before-headers' }),
  'hang-in': ({ dialect, streams }) =>
    streams ? { ...dialect.stream, hangAfter: dialect.beginning } : { type: 'hang', when: 'in-body' },
} as const satisfies Record<string, (asked: Asked) => Reply>;

export type Answer = `${keyof typeof ANSWERS}`;

/** In a URL: the responses to the attempts of one call. The last one repeats. */
function scriptOf(answers: readonly Answer[]): string {
  return answers.join('+');
}

/**
 * @param path `/script/id/…`, from `scriptOf`
 * @param tried the number of earlier requests with that id
 */
export function answerTo(path: string, tried: number, body: Buffer): Reply {
  const words = (path.split('/')[1] ?? '').split('+');
  const word = words[Math.min(tried, words.length - 1)];
  const answer: ((asked: Asked) => Reply) | undefined = ANSWERS[word as Answer];
  if (answer === undefined) return { type: 'text', status: 404, body: `no answer is called ${word}` };
  const streams = path.includes(':streamGenerateContent') || body.includes('"stream":true');
  return answer({ dialect: dialectOf(path), streams });
}

function dialectOf(path: string): Dialect {
  if (path.includes('/messages')) return ANTHROPIC;
  if (path.includes('/models/')) return GEMINI;
  return path.includes('/responses') ? OPENAI_RESPONSES : OPENAI_CHAT;
}
