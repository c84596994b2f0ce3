import { hasSubscribers } from 'node:diagnostics_channel';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { withRun, withStep } from '../../src/index.js';
import { type Http2Provider, startHttp2Provider } from '../support/http2-provider.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { COPIES, NODE_MAJOR } from './undici-copies.js';

const CHAT = '/v1/chat/completions';
const BODY = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}';
/** Node 20 publishes nothing of node:http2. */
const publishes = NODE_MAJOR >= 22;
const described = publishes ? describe : describe.skip;

let recording: Recording;
let provider: Http2Provider;
let session: ClientHttp2Session;
let replies: Reply[];

beforeEach(async () => {
  replies = [];
  provider = await startHttp2Provider(() => replies.shift());
  recording = await startRecording();
  session = connect(provider.url, { rejectUnauthorized: false });
  session.on('error', () => {});
});
afterEach(async () => {
  session.destroy();
  await Promise.all([recording.stop(), provider.close()]);
});

const open = (path = CHAT): ClientHttp2Stream =>
  session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });

/** Sends, reads everything, and returns status and body. */
async function ask(body: string | readonly string[] = BODY, path = CHAT): Promise<[unknown, string]> {
  const stream = open(path);
  const answered = once(stream, 'response');
  for (const piece of [body].flat()) stream.write(piece);
  stream.end();
  const [[headers], read] = await Promise.all([answered, buffer(stream)]);
  return [headers[':status'], read.toString()];
}

const steps = async () => (await recording.stop()).flatMap((run) => run.steps);

described('a request of node:http2', () => {
  test('opens a step with model, messages, usage and bodies', async () => {
    const answer = completion('Hello there.', { requestId: 'req_7' });
    replies = [answer];
    const text = JSON.stringify(answer.body);
    expect(await ask([BODY.slice(0, 20), BODY.slice(20)])).toEqual([200, text]);
    expect(await steps()).toMatchObject([
      {
        status: 'completed',
        provider: 'openai',
        model: 'gpt-4o-mini',
        usage: { inputTokens: 20, outputTokens: 10 },
        attempts: [
          {
            status: 'completed',
            statusCode: 200,
            method: 'POST',
            path: CHAT,
            requestId: 'req_7',
            requestBody: BODY,
            responseBody: text,
            event: { attributes: { 'url.full': provider.url + CHAT, 'network.protocol.version': '2' } },
          },
        ],
      },
    ]);
  });

  test('may be a stream', async () => {
    replies = [completionStream('Hello there.')];
    await ask();
    expect(await steps()).toMatchObject([
      {
        operation: 'stream',
        status: 'completed',
        usage: { outputTokens: 10 },
        span: { attributes: { 'chatdebug.stream.last_event': '[DONE]' } },
      },
    ]);
  });

  test('that fails has the error of its body, and its retry joins it', async () => {
    const wait = { 'retry-after-ms': '1' };
    replies = [openaiError(500, null, 'server_error', 'It broke.', wait), completion('Hello.')];
    await ask();
    await ask();
    expect(await steps()).toMatchObject([
      {
        status: 'completed',
        attempts: [
          { status: 'failed', statusCode: 500, errorType: 'server_error', errorMessage: 'It broke.' },
          { status: 'completed', statusCode: 200 },
        ],
      },
    ]);
  });

  test('belongs to the step of its caller, also if another step opened the session', async () => {
    replies = [completion('a'), completion('b')];
    await Promise.all(
      ['a', 'b'].map((runId) => withRun({ runId }, () => withStep({}, () => ask(BODY, `/${runId}`)))),
    );
    const runs = await recording.stop();
    const paths = runs.map(({ id, steps }) => [id, steps.flatMap((one) => one.attempts.map((a) => a.path))]);
    expect(paths.sort()).toEqual([
      ['a', ['/a']],
      ['b', ['/b']],
    ]);
  });

  test('leaves the stream unchanged', async () => {
    replies = [completionStream('Hello there.', { delayMillis: 1 })];
    const stream = open();
    const own = Object.keys(stream);
    expect(own).not.toContain('push');
    stream.end(BODY);
    expect(stream.readableFlowing).toBeNull();
    await buffer(stream);
    if (!stream.closed) await once(stream, 'close');
    expect(Object.hasOwn(stream, 'push')).toBe(false);
  });

  test('to another endpoint is not recorded', async () => {
    replies = [completion('Hello.'), completion('Hello.')];
    await ask(BODY, '/v1/embeddings');
    const stream = open('/v1/messages');
    stream.end('{"subject":"Hi"}');
    await buffer(stream);
    expect(Object.hasOwn(stream, 'push')).toBe(false);
    expect(await recording.stop()).toEqual([]);
  });

  test('by undici is recorded once', async () => {
    for (const { undici } of COPIES) {
      const dispatcher = new undici.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
      replies = [completion('Hello.')];
      const { body } = await undici.request(provider.url + CHAT, { method: 'POST', body: BODY, dispatcher });
      await body.text();
      await dispatcher.close();
    }
    const found = await steps();
    expect(found.map(({ attempts }) => attempts.map(({ requestBody }) => requestBody))).toEqual(
      COPIES.map(() => [BODY]),
    );
  });
});

described('an exchange of node:http2 ends', () => {
  const INTERRUPTED = { status: 'interrupted', error: undefined };
  const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

  const streamed = async () => {
    replies = [completionStream('Hello there, you.', { delayMillis: 5 })];
    const stream = open();
    stream.on('error', () => {}).end(BODY);
    await once(stream, 'data');
    return stream;
  };
  /** With an error or without. */
  const closed = (stream: ClientHttp2Stream) =>
    new Promise((resolve) =>
      stream.closed && stream.destroyed ? resolve(0) : stream.once('close', resolve),
    );

  test.each<[name: string, end: (stream: ClientHttp2Stream) => unknown]>([
    ['close', (stream) => stream.close(NGHTTP2_CANCEL)],
    ['close without a code', (stream) => stream.close()],
    ['close with another code', (stream) => stream.close(NGHTTP2_INTERNAL_ERROR)],
    ['destroy', (stream) => stream.destroy()],
    ['the end of its session', () => session.destroy()],
  ])('by the application with %s: interrupted', async (_, end) => {
    const stream = await streamed();
    end(stream);
    await closed(stream);
    expect(await steps()).toMatchObject([{ ...INTERRUPTED, attempts: [{ status: 'interrupted' }] }]);
  });

  test('by a reader that leaves the loop: interrupted', async () => {
    const stream = await streamed();
    for await (const _ of stream) break;
    await closed(stream);
    expect(await steps()).toMatchObject([INTERRUPTED]);
  });

  test('by an abort before the response: interrupted', async () => {
    const controller = new AbortController();
    const stream = session.request(
      { ':method': 'POST', ':path': CHAT },
      { signal: controller.signal, endStream: false },
    );
    const failed = once(stream, 'error');
    stream.end(BODY);
    controller.abort();
    await failed;
    await closed(stream);
    expect(await steps()).toMatchObject([INTERRUPTED]);
  });

  /** A server that sends some events, and then does this with the stream. */
  const cutBy = async (cut: (stream: ServerHttp2Stream, sockets: Iterable<Socket>) => void) => {
    const sockets = new Set<Socket>();
    const server = createServer().on('connection', (socket) => sockets.add(socket));
    server.on('session', (one) => one.on('error', () => {}));
    server.on('stream', (stream) => {
      stream.on('error', () => {}).resume();
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      stream.write('data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n', () =>
        cut(stream, sockets),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const client = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    client.on('error', () => {});
    const stream = client.request({ ':method': 'POST', ':path': CHAT });
    stream.on('error', () => {}).end(BODY);
    stream.resume();
    await closed(stream);
    client.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
    return steps();
  };

  test.each<[name: string, cut: (stream: ServerHttp2Stream, sockets: Iterable<Socket>) => void]>([
    ['a reset', (stream) => stream.destroy(new Error('broken'))],
    ['a cancellation', (stream) => stream.session?.destroy(undefined, NGHTTP2_CANCEL)],
    ['the loss of the connection', (_, [socket]) => socket?.destroy()],
  ])('by %s of the server: a transport error', async (_, cut) => {
    expect(await cutBy(cut)).toMatchObject([
      {
        status: 'error',
        error: { kind: 'timeout' },
        attempts: [{ status: 'failed', statusCode: 200, responseBody: expect.stringContaining('Hi') }],
      },
    ]);
  });

  test('by a server that closes it without an error: judged by its body', async () => {
    expect(await cutBy((stream) => stream.close(NGHTTP2_NO_ERROR))).toMatchObject([
      { status: 'error', error: { type: 'StreamEndedEarlyError' } },
    ]);
  });

  test('with a refused connection: a transport error', async () => {
    const client = connect('http://127.0.0.1:1').on('error', () => {});
    const stream = client.request({ ':method': 'POST', ':path': CHAT }).on('error', () => {});
    stream.end(BODY);
    await closed(stream);
    expect(await steps()).toMatchObject([
      { status: 'error', error: { kind: 'timeout' }, attempts: [{ status: 'failed' }] },
    ]);
  });
});

test('shutdown removes every subscriber', async () => {
  const names = ['created', 'bodyChunkSent', 'bodySent', 'finish', 'close', 'error'];
  const channels = names.map((name) => `http2.client.stream.${name}`);
  expect(channels.map(hasSubscribers)).toEqual(channels.map(() => true));
  await recording.stop();
  expect(channels.map(hasSubscribers)).toEqual(channels.map(() => false));
});
