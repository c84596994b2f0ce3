import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startChatDebug } from '../../src/index.js';
import fc, { runs } from '../support/property.js';
import { Kept } from './kept.js';
import { NODE_MAJOR } from './undici-copies.js';

/** How an exchange ends: normally, by the server, or by the application. */
type Ending = 'end' | 'reset' | 'close' | 'destroy' | 'abort' | 'left loop';

interface Script {
  readonly request: readonly Uint8Array[];
  readonly status: number;
  readonly contentType: string;
  readonly response: readonly Uint8Array[];
  readonly ending: Ending;
  readonly reading: 'events' | 'iteration';
}

const pieces = (maxLength: number) =>
  fc.array(fc.uint8Array({ minLength: 1, maxLength }), { minLength: 1, maxLength: 5 });
const scripts: fc.Arbitrary<Script> = fc.record({
  request: pieces(3_000),
  status: fc.constantFrom(200, 200, 200, 400, 429, 500),
  contentType: fc.constantFrom('application/json', 'text/event-stream', 'image/png'),
  response: pieces(40_000),
  ending: fc.constantFrom<Ending>('end', 'end', 'end', 'reset', 'close', 'destroy', 'abort', 'left loop'),
  reading: fc.constantFrom('events', 'iteration'),
});

let playing: { script: Script; received: (body: Buffer) => void } | undefined;
const server = createServer({ settings: { initialWindowSize: 65_535 } });
let session: ClientHttp2Session;

async function answer(stream: ServerHttp2Stream): Promise<void> {
  stream.on('error', () => {});
  const current = playing;
  if (current === undefined) throw new Error('no script for this request');
  const { script } = current;
  current.received(await buffer(stream));
  if (stream.destroyed) return;
  stream.respond({ ':status': script.status, 'content-type': script.contentType, 'x-a': ['1', '2'] });
  for (const piece of script.response) stream.write(piece);
  if (script.ending === 'end') stream.end();
  else if (script.ending === 'reset') stream.write('', () => stream.destroy(new Error('broken')));
}

beforeAll(async () => {
  server.on('session', (one) => one.on('error', () => {}));
  server.on('stream', (stream) => void answer(stream).catch(() => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  session.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** What the application and the server see. */
async function play(script: Script) {
  const { ending } = script;
  const arrival = new Promise<Buffer>((resolve) => {
    playing = { script, received: resolve };
  });
  const controller = new AbortController();
  const stream = session.request(
    { ':method': 'POST', ':path': '/v1/chat/completions', 'x-b': 'c' },
    { signal: controller.signal, endStream: false },
  );
  const events: unknown[] = [Object.keys(stream).sort()];
  for (const event of ['response', 'end', 'aborted', 'finish', 'close'])
    stream.on(event, () => events.push([event, stream.rstCode]));
  let headers: unknown;
  stream.on('response', ({ date: _, ...rest }) => {
    headers = rest;
  });
  stream.on('error', ({ name, code }: NodeJS.ErrnoException) => events.push([name, code]));
  const closed = new Promise((resolve) => stream.once('close', resolve));
  for (const piece of script.request) stream.write(piece);
  stream.end();
  const received = await arrival;
  const chunks: Buffer[] = [];
  const interrupt = () => {
    if (ending === 'close') stream.close();
    else if (ending === 'destroy') stream.destroy();
    else if (ending === 'abort') controller.abort();
  };
  if (script.reading === 'events' && ending !== 'left loop') {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      interrupt();
    });
  } else {
    try {
      for await (const chunk of stream) {
        chunks.push(chunk);
        if (ending === 'left loop') break;
        interrupt();
      }
    } catch (error) {
      events.push((error as NodeJS.ErrnoException).code);
    }
  }
  await closed;
  // The number of bytes before the interruption depends on timing.
  const isWhole = ending === 'end';
  const body = isWhole ? Buffer.concat(chunks).toString('hex') : undefined;
  return { received, headers, body, events: isWhole ? events : new Set(events.map(String)) };
}

const RUNS = Number(process.env['CHATDEBUG_TEST_RUNS'] ?? runs(400, 50));
const STATUS: Readonly<Record<Ending, string>> = {
  end: 'any',
  reset: 'failed',
  close: 'interrupted',
  destroy: 'interrupted',
  abort: 'interrupted',
  'left loop': 'interrupted',
};

// Node 20 publishes nothing of node:http2.
(NODE_MAJOR < 22 ? test.skip : test)(
  'an application of node:http2 sees no difference with recording',
  async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const bare = await play(script);
        const exporter = new Kept();
        const handle = startChatDebug({ exporter, capture: 'full' });
        try {
          expect(await play(script)).toEqual(bare);
          await handle.forceFlush();
          const [attributes, ...others] = exporter.attempts();
          expect(others).toEqual([]);
          const status = script.status >= 400 ? 'failed' : STATUS[script.ending];
          expect(attributes?.['chatdebug.attempt.status']).toEqual(
            status === 'any' ? expect.any(String) : status,
          );
          expect(attributes?.['chatdebug.attempt.request_body_size']).toBe(
            Buffer.concat(script.request).length,
          );
          if (script.ending === 'end')
            expect(attributes?.['chatdebug.attempt.response_body_size']).toBe(
              Buffer.concat(script.response).length,
            );
        } finally {
          await handle.shutdown();
        }
      }),
      { numRuns: RUNS, timeout: 10_000, endOnFailure: true },
    );
  },
  60_000 + 400 * RUNS,
);
