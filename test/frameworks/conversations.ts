import { startNode } from '../support/child.js';
import { type Enough, startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../support/tree.js';
import { textsOf, wholeText } from './chat-client.js';
import { FAIL, HANG, startChatProvider } from './chat-provider.js';

/** The user of all conversations, except for those about users. */
export const SOMEBODY = 'user=somebody';

/** One of the chat servers. */
export interface ChatServer {
  readonly cwd: string;
  /** Starts it with Node.js, so that it prints its URL. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Posts a user's messages in a chat, and returns the response to the last one.
   *
   * @param cookie Default: that of `SOMEBODY`
   */
  ask(
    url: string,
    chatId: string,
    texts: readonly string[],
    signal?: AbortSignal,
    cookie?: string,
  ): Promise<Response>;
}

export interface Conversations {
  /** What the client received, by chat. */
  readonly answers: Readonly<Record<'first' | 'long' | 'failed', string>>;
  /** The received spans. */
  readonly runs: readonly RunTree[];
  readonly stderr: string;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** The spans that must arrive while the server runs. The others arrive when it ends. */
  readonly delivers?: Enough;
  /** Runs with the server after the conversations. */
  readonly besides?: (url: string) => Promise<void>;
}

/**
 * Has four conversations with a chat server: one whose title arrives after the response (`first`), one that is
 * compacted (`long`), one whose provider fails (`failed`), and one whose client disconnects (`left`).
 */
export async function converse(server: ChatServer, options: Options = {}): Promise<Conversations> {
  const [provider, receiver] = await Promise.all([startChatProvider(), startOtlpReceiver()]);
  const app = startServer(server, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OPENAI_API_KEY: 'none',
    OPENAI_BASE_URL: `${provider.url}/v1`,
    ...options.env,
  });
  try {
    const url = await app.url;
    const ask = (chatId: string, ...texts: string[]) => wholeText(server.ask(url, chatId, texts));
    const first = await ask('first', 'Do I need an umbrella?');
    provider.answerTitles();
    const long = await ask('long', 'one', 'two', 'three', 'four');
    const failed = await ask('failed', FAIL);

    const leave = new AbortController();
    for await (const _ of textsOf(await server.ask(url, 'left', [HANG], leave.signal))) break;
    leave.abort();
    await provider.gone(provider.requests.findIndex(isStreamOf(HANG)));

    await options.besides?.(url);
    if (options.delivers !== undefined) await receiver.waitForSpans(options.delivers, 60_000);
    const { stderr } = await app.stop();
    return { answers: { first, long, failed }, runs: buildTree(receiver.spans), stderr };
  } finally {
    await app.stop();
    await Promise.all([provider.close(), receiver.close()]);
  }
}

export function startServer(
  { argv, cwd, env }: Omit<ChatServer, 'ask'>,
  more: Readonly<Record<string, string>> = {},
) {
  const child = startNode(argv, {
    cwd,
    env: { PORT: '0', NEXT_TELEMETRY_DISABLED: '1', ...env, ...more },
  });
  return {
    url: child.line('http://127.0.0.1').then((line) => /http:\S+/.exec(line)?.[0] ?? ''),
    stop: () => {
      child.kill();
      return child.ended;
    },
  };
}

function isStreamOf(text: string): (request: { readonly body: Buffer }) => boolean {
  return ({ body }) => body.includes(text) && body.includes('"stream":true');
}
