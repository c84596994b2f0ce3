import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { startRun, withRun, withStep } from '../../src/index.js';
import { completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

const LINGER_MILLIS = 1_500;

let recording: Recording;
let openai: OpenAI;
let server: Server;
/** Lets the pump of the route continue from its first model call to its second. */
let goOn: () => void;

async function start(lingerMillis: number): Promise<void> {
  recording = await startRecording({ lingerMillis });
  openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
}

beforeEach(async () => {
  await start(LINGER_MILLIS);
  const pause = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  server = createServer((_, response) => void serve(response, pause)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await recording.stop();
});

/** A minimal web framework: sends the route's `Response` over HTTP, and cancels its body when the client disconnects. */
async function serve(response: ServerResponse, pause: Promise<void>): Promise<void> {
  const { body } = await withRun({ chatId: 'c', model: 'm' }, async () => route(pause));
  const reader = body?.getReader();
  response.on('close', () => void reader?.cancel('the client went away').catch(() => {}));
  response.flushHeaders();
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    if (!response.write(piece.value)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}

/** A typical route handler: it returns a `Response` long before the model has responded. */
function route(pause: Promise<void>): Response {
  const abort = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      try {
        for (const step of ['first', 'second']) {
          await withStep({ operation: 'stream' }, async () => {
            const chunks = await openai.chat.completions.create(
              { model: step, messages: [], stream: true },
              { signal: abort.signal },
            );
            for await (const chunk of chunks) {
              controller.enqueue(encoder.encode(chunk.choices[0]?.delta.content ?? ''));
            }
          });
          if (step === 'first') await pause;
        }
        controller.close();
      } catch {
        // The client has disconnected.
      }
    },
    cancel: () => abort.abort(),
  });
  return new Response(body);
}

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

test('a route that returns a stream is one run with both steps, and ends with the last', async () => {
  recording.provider.reply(completionStream('one two three', { delayMillis: 10 }));
  const response = await fetch(url());
  let text = '';
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece).toString();
    // The client has read the first response: the route's function has settled, and no step is open.
    if (text === 'one two three') goOn();
  }
  expect(text).toBe('one two threeone two three');
  await recording.receiver.waitForSpans(3);
  const [run] = await recording.runs();
  expect(run).toMatchObject({ status: 'completed', stepCount: 2, chatId: 'c' });
  expect(run?.steps).toMatchObject([
    { number: 1, status: 'completed' },
    { number: 2, status: 'completed' },
  ]);
  expect(run?.span?.endTimeUnixNano).toBe(run?.steps[1]?.span.endTimeUnixNano);
  expect(recording.receiver.spans).toHaveLength(3);
});

test('if the client disconnects, the run ends as interrupted, with the aborted step', async () => {
  recording.provider.reply(completionStream('one two three', { delayMillis: 10 }), {
    type: 'hang',
    when: 'in-body',
  });
  const leave = new AbortController();
  const response = await fetch(url(), { signal: leave.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  goOn();
  await recording.provider.arrived(1);
  leave.abort();
  await recording.provider.gone(1);
  await recording.receiver.waitForSpans(3);
  const [run] = await recording.runs();
  expect(run).toMatchObject({ status: 'interrupted', stepCount: 2, hasError: false });
  expect(run?.steps).toMatchObject([{ status: 'completed' }, { status: 'interrupted' }]);
  expect(run?.span?.endTimeUnixNano).toBe(run?.steps[1]?.span.endTimeUnixNano);
});

test('forceFlush ends a run that only waits for another step, and no other run', async () => {
  await recording.stop();
  // Neither run may end by itself during the test.
  await start(600_000);
  recording.provider.reply(completionStream('one', {}));
  const lingering = async (runId: string) => {
    const run = startRun({ runId });
    const { body } = await run.with(() =>
      withRun({ runId }, async () =>
        route(Promise.reject(new Error('no second step')).catch(() => new Promise<void>(() => {}))),
      ),
    );
    run.end();
    await body?.getReader().read();
    return run;
  };
  const [mine] = await Promise.all([lingering('mine'), lingering('other')]);
  await recording.receiver.waitForSpans(2);
  await recording.handle.forceFlush();
  const spans = () => recording.receiver.spans.map(({ attributes }) => attributes['chatdebug.run.status']);
  expect(spans()).toEqual([undefined, undefined]);
  await mine?.with(() => recording.handle.forceFlush());
  const [run, ...others] = recording.receiver.spans.filter(
    ({ attributes }) => attributes['chatdebug.run.status'] !== undefined,
  );
  expect(run?.attributes).toMatchObject({ 'chatdebug.run.id': 'mine', 'chatdebug.run.status': 'completed' });
  expect(others).toEqual([]);
});
