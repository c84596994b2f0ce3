import {
  ANTHROPIC,
  type Dialect,
  GEMINI,
  OPENAI_CHAT,
  OPENAI_RESPONSES,
} from '../../test/outcomes/dialects.js';
import { completionStream } from '../../test/support/openai-replies.js';
import type { Reply } from '../../test/support/provider.js';

/** At once, where a client would wait for seconds. */
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

/** What the provider does, by the word that a request's path begins with. */
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

/** As it stands in a URL: the answers to the tries of one call; the last one repeats. */
export function scriptOf(answers: readonly Answer[]): string {
  return answers.join('+');
}

/**
 * @param path `/script/id/…`, as `scriptOf` gives it
 * @param tried how many requests with that id came before
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
