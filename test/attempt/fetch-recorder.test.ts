import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { type ChatDebugOptions, withRun } from '../../src/index.js';
import { processState } from '../../src/process-state.js';
import { ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE } from '../../src/semconv.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import fc, { runs } from '../support/property.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { play, sendBy } from './script-client.js';
import { type ScriptServer, startScriptServer } from './script-server.js';
import { scripts } from './scripts.js';

/** The result of `recordedFetch` on runtimes without channels. Here the channels show each request as well. */
const recorded: typeof fetch = (...args) => {
  const { started } = processState();
  return started === undefined ? fetch(...args) : started.fetches().call(fetch, args);
};

let recording: Recording;
afterEach(() => recording?.stop());
const start = async (...replies: Reply[]) => {
  recording = await startRecording();
  recording.provider.reply(...replies);
};
const started = async (options: ChatDebugOptions) => {
  recording = await startRecording(options);
};

const url = () => `${recording.provider.url}/v1/chat/completions`;
const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
const post = (init: RequestInit = {}) => recorded(url(), { method: 'POST', body: BODY, ...init });
const steps = async () => (await recording.stop()).flatMap((run) => run.steps);

test('the application sees no difference, and each request is recorded once', async () => {
  const server: ScriptServer = await startScriptServer();
  const byFetch = scripts.filter(({ client }) => client === "Node's fetch");
  try {
    await fc.assert(
      fc.asyncProperty(byFetch, async (script) => {
        const bare = await play(script, server);
        await started({ recordUnknown: () => true });
        const seen = await withRun({}, () => play(script, server, sendBy(recorded)));
        // The number of bytes before the interruption depends on timing.
        const comparable = script.ending.by === 'end' ? {} : { body: undefined };
        expect({ ...seen, ...comparable }).toEqual({ ...bare, ...comparable });
        const all = await steps();
        expect(all.length).toBeLessThanOrEqual(1);
        for (const { attempts } of all) {
          expect(attempts).toHaveLength(1);
          const size = attempts[0]?.event.attributes[ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE] ?? 0;
          if (script.ending.by === 'end') expect(size).toBe(seen.body.length);
        }
      }),
      { numRuns: runs(100, 40), timeout: 10_000, endOnFailure: true },
    );
  } finally {
    await server.close();
  }
});

test.each<[string, () => Parameters<typeof fetch>]>([
  ['a text', () => [url(), { method: 'POST', body: BODY }]],
  ['bytes', () => [new URL(url()), { method: 'post', body: Buffer.from(BODY) }]],
  ['a blob', () => [url(), { method: 'POST', body: new Blob([BODY]) }]],
  ['a Request', () => [new Request(url(), { method: 'POST', body: BODY })]],
  ['a Request and a body beside it', () => [new Request(url(), { method: 'POST' }), { body: BODY }]],
])('the request is read from %s and sent unchanged', async (_, args) => {
  await start(completion('Hello.'));
  await (await recorded(...args())).text();
  const [request] = recording.provider.requests;
  expect([request?.body.toString(), request?.headers['content-length']]).toEqual([BODY, `${BODY.length}`]);
  expect(request?.headers['transfer-encoding']).toBeUndefined();
  const [step] = await steps();
  expect(step).toMatchObject({ model: 'm', status: 'completed' });
  expect(step?.attempts[0]).toMatchObject({ method: 'POST', requestBody: BODY });
});

test('headers of every form are sent unchanged, iterators included', async () => {
  await start(completion('Hello.'));
  const pairs = [['x-a', '1']] as [string, string][];
  const [once] = [new Map(pairs).entries()];
  for (const headers of [new Headers(pairs), pairs, { 'x-a': '1' }, once])
    await (await post({ headers: headers as [string, string][] })).text();
  expect(recording.provider.requests.map((request) => request.headers['x-a'])).toEqual(['1', '1', '1', '1']);
});

test('the response behaves like that of fetch: members, clones, locks', async () => {
  await start(completion('Hello.', {}));
  const [bare, seen] = [await fetch(url(), { method: 'POST', body: BODY }), await post()];
  const members = ({ status, statusText, ok, url, redirected, type, bodyUsed }: Response) => [
    ...[status, statusText, ok, url, redirected, type, bodyUsed],
  ];
  expect(members(seen)).toEqual(members(bare));
  expect([seen instanceof Response, Object.keys(seen)]).toEqual([true, Object.keys(bare)]);
  expect(() => seen.headers.set('x', 'y')).toThrow('immutable');
  const clone = seen.clone();
  expect(members(clone)).toEqual(members(bare));
  const text = await bare.text();
  expect([await clone.clone().text(), await clone.text(), await seen.text()]).toEqual([text, text, text]);
  expect(seen.bodyUsed).toBe(true);
  await expect(seen.text()).rejects.toThrow('already been read');
  const all = await steps();
  expect(all.flatMap(({ attempts }) => attempts)).toHaveLength(2);
});

test('a reader with its own buffer gets the bytes', async () => {
  await start(completionStream(['Hel', 'lo.']));
  const reader = (await post()).body?.getReader({ mode: 'byob' });
  let text = '';
  for (;;) {
    const { done, value } = (await reader?.read(new Uint8Array(7))) ?? { done: true, value: undefined };
    if (done) break;
    text += Buffer.from(value ?? []).toString();
  }
  expect(text).toMatch(/Hel.*lo\..*\[DONE\]/s);
  expect(await steps()).toMatchObject([{ status: 'completed', attempts: [{ status: 'completed' }] }]);
});

test('cancelling a body interrupts the attempt and the connection', async () => {
  await start({ ...completionStream(['Hel', 'lo.']), hangAfter: 1 });
  const { body } = await post();
  const reader = body?.getReader();
  await reader?.read();
  await reader?.cancel('enough');
  await recording.provider.gone();
  expect(await steps()).toMatchObject([{ status: 'interrupted' }]);
});

test.each([
  [
    'an abort',
    () => {
      const own = new AbortController();
      queueMicrotask(() => own.abort(new Error('left')));
      return own.signal;
    },
    'interrupted',
  ],
  ['a deadline', () => AbortSignal.timeout(20), 'error'],
] as const)('%s before the response is recorded as such', async (_, signal, status) => {
  await start({ type: 'hang', when: 'before-headers' });
  const given = signal();
  const error = await post({ signal: given }).catch((thrown: unknown) => thrown);
  expect(error).toBe(given.reason);
  expect(await steps()).toMatchObject([{ status }]);
});

test('an abort of an unread body ends the exchange', async () => {
  await start({ ...completionStream(['Hel', 'lo.']), hangAfter: 1 });
  const own = new AbortController();
  const reason = new Error('left');
  const { body } = await post({ signal: own.signal });
  own.abort(reason);
  await expect(body?.getReader().read()).rejects.toBe(reason);
  expect(await steps()).toMatchObject([{ status: 'interrupted' }]);
});

test('attempts of one call are one step in the run of their caller', async () => {
  await start(openaiError(500, null, 'server_error', 'Oh.'), completion('Hello.'));
  await withRun({ chatId: 'c' }, async () => {
    await (await post()).text();
    await (await post()).text();
  });
  const [run, ...others] = await recording.stop();
  expect(others).toEqual([]);
  expect(run).toMatchObject({ chatId: 'c', steps: [{ status: 'completed', attemptCount: 2 }] });
});

test('a response of another library is returned unchanged', async () => {
  await start(completion('Hello.'));
  class OwnResponse {
    readonly status = 200;
    readonly headers = new Headers({ 'content-type': 'application/json' });
    readonly body = Readable.from(['{}']);
  }
  const own = new OwnResponse() as unknown as Response;
  const { started } = processState();
  expect(await started?.fetches().call(async () => own, [url(), { method: 'POST', body: BODY }])).toBe(own);
  expect(await steps()).toMatchObject([{ status: 'completed', model: 'm' }]);
});

test('a response with an invalid status is returned unchanged', async () => {
  await start({ type: 'json', status: 999, body: { error: 'Odd.' } });
  const response = await post();
  expect([response.status, await response.json()]).toEqual([999, { error: 'Odd.' }]);
  expect(await steps()).toMatchObject([{ status: 'error', attempts: [{ statusCode: 999 }] }]);
});

test('requests that fetch rejects are rejected by it', async () => {
  await start();
  for (const odd of ['no url', 'http://127.0.0.1:9/v1/chat/completions']) {
    const [bare, seen] = await Promise.all([fetch(odd), recorded(odd)].map((call) => call.catch(String)));
    expect(seen).toBe(bare);
  }
});

test('a slow reader slows down the server', async () => {
  const CHUNKS = 400;
  let written = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (; written < CHUNKS; written += 1) yield Buffer.alloc(65_536, 'x');
  }
  const server = createServer((request, response) => {
    if (request.url === '/ping') response.end();
    else pipeline(Readable.from(chunks(), { objectMode: false }), response, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  await start();
  const response = await recorded(`${origin}/v1/chat/completions`, { method: 'POST', body: BODY });
  const reader = response.body?.getReader();
  await reader?.read();
  for (let still = 0, before = -1; still < 20; still = written === before ? still + 1 : 0) {
    before = written;
    await (await fetch(`${origin}/ping`)).text();
  }
  expect(written).toBeLessThan(CHUNKS);
  let size = 65_536;
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read())
    size += read.value.length;
  expect([written, size]).toEqual([CHUNKS, expect.any(Number)]);
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});
