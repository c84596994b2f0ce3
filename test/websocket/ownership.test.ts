import { once } from 'node:events';
import { Agent as HttpAgent, request } from 'node:http';
import { Agent, fetch, WebSocket } from 'undici';
import { WebSocket as WsWebSocket } from 'ws';
import type { ChatDebugOptions } from '../../src/index.js';
import { withRun } from '../../src/index.js';
import { text } from '../support/attributes.js';
import { type Recording, startRecording } from '../support/recording.js';
import { CLIENTS, type ClientSocket } from './clients.js';
import { responseEvents } from './events.js';
import { type Event, messagesUntil, type SocketServer, startSocketServer } from './socket-server.js';

let recording: Recording;
let server: SocketServer;
const start = async (options: ChatDebugOptions = {}) => {
  [recording, server] = await Promise.all([startRecording(options), startSocketServer()]);
  server.answer(({ type, input }) =>
    type === 'response.create' ? responseEvents(`To ${input}.`, `resp_${input}`) : [],
  );
};
afterEach(async () => {
  await recording.stop();
  await server.close();
});

const isLast = ({ type }: Event) => type === 'response.completed';
const ask = (socket: ClientSocket, input: string) =>
  socket.send(JSON.stringify({ type: 'response.create', model: 'm', input }));
const opened = (socket: EventTarget) => new Promise((resolve) => socket.addEventListener('open', resolve));

test('many parallel connections: each response is in the run of its caller', async () => {
  await start();
  const names = Array.from({ length: 24 }, (_, index) => `n${index}`);
  await Promise.all(
    names.map((name, index) =>
      withRun({ chatId: name }, async () => {
        const client = CLIENTS[index % CLIENTS.length];
        const socket = client?.connect(`${server.url}/v1/responses`);
        if (socket === undefined) return;
        // From a listener of `open`, or later.
        if (index % 2 === 0) socket.addEventListener('open', () => ask(socket, name));
        else {
          await opened(socket);
          ask(socket, name);
        }
        await messagesUntil(socket, isLast);
        ask(socket, `${name}b`);
        await messagesUntil(socket, isLast);
        socket.close();
      }),
    ),
  );
  const runs = await recording.runs();
  const found = runs.map(({ chatId, steps }) => [
    chatId,
    steps.map(({ span }) => text(span, 'gen_ai.response.id')),
  ]);
  expect(new Map(found as [string, string[]][])).toEqual(
    new Map(names.map((name) => [name, [`resp_${name}`, `resp_${name}b`]])),
  );
});

test.each([
  [
    'undici',
    async () => {
      const dispatcher = new Agent({ connections: 1 });
      await withRun({ chatId: 'other' }, async () => {
        const answer = await fetch(server.url.replace('ws', 'http'), { dispatcher });
        await answer.text();
      });
      return new WebSocket(`${server.url}/v1/responses`, { dispatcher }) as ClientSocket;
    },
  ],
  [
    'ws',
    async () => {
      const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
      await withRun({ chatId: 'other' }, async () => {
        const sent = request(server.url.replace('ws', 'http'), { agent });
        const [answer] = await once(sent.end(), 'response');
        await once(answer.resume(), 'close');
      });
      return new WsWebSocket(`${server.url}/v1/responses`, { agent }) as unknown as ClientSocket;
    },
  ],
])('%s: a response on a socket opened by another run is in a run of its own', async (_, connect) => {
  await start();
  await withRun({ chatId: 'own' }, async () => {
    const socket = await connect();
    socket.addEventListener('open', () => ask(socket, 'x'));
    await messagesUntil(socket, isLast);
    socket.close();
  });
  const runs = await recording.runs();
  const holder = runs.find(({ steps }) => steps.length > 0);
  expect(holder?.chatId).toBeUndefined();
  expect(holder?.span && text(holder.span, 'chatdebug.run.context')).toBe('unknown');
});

test('errors capture: a successful response is counted, a failed one is kept', async () => {
  await start({ capture: 'errors' });
  server.answer(({ input }) =>
    input === 'bad'
      ? [{ type: 'error', status: 500, error: { type: 'server_error', message: 'The engine stopped.' } }]
      : responseEvents('Fine.'),
  );
  for (const input of ['good', 'bad']) {
    await withRun({ chatId: input }, async () => {
      const socket = new WsWebSocket(`${server.url}/v1/responses`) as unknown as ClientSocket;
      await opened(socket);
      ask(socket, input);
      await messagesUntil(socket, ({ type }) => type === 'response.completed' || type === 'error');
      socket.close();
    });
  }
  const runs = await recording.runs();
  expect(runs).toMatchObject([
    { chatId: 'bad', steps: [{ status: 'error', attempts: [{ requestBody: undefined, statusCode: 101 }] }] },
  ]);
  expect(String(recording.receiver.bodies)).not.toContain('Fine.');
  expect(recording.handle.stats()).toMatchObject({
    runs: { started: 2, kept: 1, dropped: { no_evidence: 1 } },
  });
});

test.each([
  ['openSteps leaves the format out', { openSteps: [] }],
  ['runFor refuses', { runFor: () => false as const }],
])('%s: nothing is recorded', async (_, options) => {
  await start(options);
  const socket = new WsWebSocket(`${server.url}/v1/responses`) as unknown as ClientSocket;
  await opened(socket);
  ask(socket, 'x');
  await messagesUntil(socket, isLast);
  socket.close();
  expect(await recording.runs()).toEqual([]);
});
