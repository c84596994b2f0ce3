import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { WebSocket } from 'ws';
import { withRun } from '../../src/index.js';
import { text } from '../support/attributes.js';
import { type Recording, startRecording } from '../support/recording.js';
import { TEST_TLS } from '../support/tls.js';
import type { StepTree } from '../support/tree.js';
import { realtimeEvents } from './events.js';
import { type Event, messagesUntil, type SocketServer, startSocketServer } from './socket-server.js';

let recording: Recording;
let server: SocketServer;
beforeEach(async () => {
  [recording, server] = await Promise.all([startRecording(), startSocketServer()]);
});
afterEach(async () => {
  await recording.stop();
  await server.close();
});

const SESSION = { type: 'session.created', session: { model: 'gpt-realtime', instructions: 'Be kind.' } };
const item = (said: string) => ({
  type: 'conversation.item.create' as const,
  item: {
    type: 'message' as const,
    role: 'user' as const,
    content: [{ type: 'input_text' as const, text: said }],
  },
});
const isDone = ({ type }: Event) => type === 'response.done';

/** A connection of `ws`, open. */
async function connect(): Promise<WebSocket & EventTarget> {
  const socket = new WebSocket(`${server.url}/v1/realtime?model=gpt-realtime`);
  await new Promise((resolve) => socket.once('open', resolve));
  return socket as WebSocket & EventTarget;
}

const send = (socket: WebSocket, ...events: object[]) => {
  for (const event of events) socket.send(JSON.stringify(event));
};

const steps = async (): Promise<StepTree[]> => (await recording.runs()).flatMap((run) => run.steps);
const output = ({ span }: StepTree) => text(span, 'gen_ai.output.messages');

test("OpenAI's client: a spoken response with usage, transcript and audio sizes", async () => {
  await server.close();
  server = await startSocketServer({}, TEST_TLS);
  server.answer(({ type }) =>
    type === 'response.create' ? [SESSION, ...realtimeEvents('Hello there.')] : [],
  );
  const client = new OpenAI({ apiKey: 'k', baseURL: `${server.url.replace('wss', 'https')}/v1` });
  await withRun({ chatId: 'c1' }, async () => {
    const rt = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: TEST_TLS.cert } }, client);
    const done = new Promise((resolve) => rt.on('response.done', resolve));
    await new Promise((resolve) => rt.socket.once('open', resolve));
    rt.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
    rt.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(3_000).toString('base64') });
    rt.send(item('Say hello.'));
    rt.send({ type: 'response.create' });
    await done;
    rt.close();
  });
  const [run] = await recording.runs();
  expect(run?.chatId).toBe('c1');
  expect(run?.steps).toMatchObject([
    {
      status: 'completed',
      model: 'gpt-realtime',
      usage: { inputTokens: 20, outputTokens: 10, cacheReadTokens: 4 },
      attempts: [{ path: '/v1/realtime', status: 'completed' }],
    },
  ]);
  const [step] = run?.steps ?? [];
  const [attempt] = step?.attempts ?? [];
  expect(step && output(step)).toContain('Hello there.');
  expect(step && text(step.span, 'gen_ai.system_instructions')).toContain('Be brief.');
  expect(step && text(step.span, 'gen_ai.input.messages')).toContain('Say hello.');
  expect(attempt?.responseBody).toContain('"delta":"[1200 bytes]"');
  expect(attempt?.responseBody).not.toContain(Buffer.alloc(90, 7).toString('base64'));
  expect(attempt?.requestBody).toMatch(/\[30\d\d bytes\]/);
});

test('a response that the server starts belongs to the run that opened the connection', async () => {
  server.answer(({ type }) => (type === 'input_audio_buffer.append' ? realtimeEvents('I heard you.') : []));
  await withRun({ chatId: 'opener' }, async () => {
    const socket = await connect();
    await withRun({ chatId: 'speaker' }, async () => {
      send(socket, { type: 'input_audio_buffer.append', audio: 'AAAA' });
      await messagesUntil(socket, isDone);
    });
    socket.close();
  });
  const [opener] = await recording.runs();
  expect(opener).toMatchObject({ chatId: 'opener', steps: [{ status: 'completed' }] });
  expect(opener?.children).toMatchObject([{ chatId: 'speaker', steps: [] }]);
});

test('parallel responses are distinguished', async () => {
  server.answer(({ type, response }, socket) => {
    if (type !== 'response.create') return [];
    const { instructions } = response as { instructions: string };
    if (instructions === 'one') return realtimeEvents('First.', 'r1').slice(0, 2);
    const [created, ...second] = realtimeEvents('Second.', 'r2');
    const first = realtimeEvents('First.', 'r1').slice(2);
    setImmediate(() => socket.send(JSON.stringify({ type: 'all.done' })));
    return [created ?? {}, ...second.flatMap((event, index) => [event, first[index] ?? SESSION])];
  });
  const socket = await connect();
  const all = messagesUntil(socket, ({ type }) => type === 'all.done');
  await Promise.all(
    ['one', 'two'].map((instructions) =>
      withRun({ chatId: instructions }, async () => {
        send(socket, { type: 'response.create', response: { instructions } });
        await all;
      }),
    ),
  );
  socket.close();
  const runs = await recording.runs();
  const said = runs.map(({ chatId, steps: [step] }) => [chatId, step?.status, step && output(step)]);
  expect(said).toEqual([
    ['one', 'completed', expect.stringContaining('First.')],
    ['two', 'completed', expect.stringContaining('Second.')],
  ]);
});

test.each([
  [
    'failed',
    { status: 'failed', status_details: { type: 'failed', error: { type: 'server_error', code: 'x' } } },
    'error',
  ],
  [
    'refused',
    { status: 'incomplete', status_details: { type: 'incomplete', reason: 'content_filter' } },
    'error',
  ],
  [
    'cut',
    { status: 'incomplete', status_details: { type: 'incomplete', reason: 'max_output_tokens' } },
    'completed',
  ],
  [
    'interrupted',
    { status: 'cancelled', status_details: { type: 'cancelled', reason: 'turn_detected' } },
    'interrupted',
  ],
])('a response that was %s', async (_, ending, status) => {
  server.answer(() => realtimeEvents('Hello.', 'r1', ending));
  const socket = await connect();
  await withRun({}, async () => {
    send(socket, { type: 'response.create' });
    await messagesUntil(socket, isDone);
  });
  socket.close();
  expect(await steps()).toMatchObject([{ status }]);
});

test('an error ends a response only if it answers the request for it', async () => {
  const failure = (message: string, event_id: string | null = null) => ({
    type: 'error',
    error: { type: 'invalid_request_error', code: 'bad', message, event_id },
  });
  server.answer(({ type, event_id }) => {
    if (type === 'session.update') return [failure('No such voice.')];
    if (type === 'conversation.item.create') return [{ type: 'conversation.item.added' }];
    if (event_id === 'e1') return [failure('Other.', 'e0'), failure('Already active.', 'e1')];
    return realtimeEvents('Hello.');
  });
  const socket = await connect();
  await withRun({}, async () => {
    send(socket, { type: 'session.update', session: {} }, item('Hi.'), { type: 'response.create' });
    await messagesUntil(socket, isDone);
    send(socket, { type: 'response.create', event_id: 'e1' });
    await messagesUntil(socket, ({ error }) => (error as Event | undefined)?.['event_id'] === 'e1');
  });
  socket.close();
  expect(await steps()).toMatchObject([
    { status: 'completed' },
    { status: 'error', attempts: [{ errorMessage: 'Already active.' }] },
  ]);
});
