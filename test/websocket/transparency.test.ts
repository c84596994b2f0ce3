import { WebSocket as WsWebSocket } from 'ws';
import fc, { runs } from '../support/property.js';
import { startRecording } from '../support/recording.js';
import { CLIENTS, type SocketClient } from './clients.js';
import { realtimeEvents, responseEvents } from './events.js';
import { type Event, type SocketServer, startSocketServer } from './socket-server.js';

let server: SocketServer;
beforeAll(async () => {
  server = await startSocketServer({ perMessageDeflate: true });
  server.answer((event, socket) => {
    if (event['end'] === 'close') socket.close(4_000, 'over');
    if (event['end'] === 'terminate') socket.terminate();
    if (event['end'] !== undefined) return [];
    const { type, count } = event;
    if (type !== 'response.create') return [JSON.stringify({ echo: event })];
    return [...responseEvents('Hi.'), ...realtimeEvents('Hi.')].slice(0, Number(count));
  });
});
afterAll(() => server.close());

/** The actions of the application on one connection. */
interface Script {
  readonly path: string;
  readonly messages: readonly (Event | string)[];
  readonly isBinary: boolean;
  readonly end: 'client' | 'close' | 'terminate';
}

/** Everything that the application can see of it. */
async function transcript({ connect }: SocketClient, script: Script): Promise<unknown[]> {
  const seen: unknown[] = [];
  const socket = connect(`${server.url}${script.path}`);
  const attempt = (name: string, call: () => unknown) => {
    try {
      seen.push([name, call()]);
    } catch (error) {
      seen.push([name, (error as Error).name, (error as Error).message]);
    }
  };
  socket.binaryType = 'arraybuffer';
  attempt('too early', () => socket.send('{}'));
  const before = server.received.length;
  await new Promise<void>((resolve) => {
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, (event) => {
        const { data, code, reason, wasClean, target } = event as MessageEvent & Event;
        seen.push([type, data, code, reason, wasClean, target === socket, socket.readyState]);
        if (type === 'close') resolve();
      });
    }
    socket.addEventListener('open', () => {
      for (const message of script.messages) {
        const text = JSON.stringify(message);
        attempt('send', () => socket.send(script.isBinary ? new TextEncoder().encode(text) : text));
      }
      attempt('last', () => socket.send(JSON.stringify({ last: true })));
    });
    socket.addEventListener('message', (event) => {
      // Nothing is in progress any more.
      if (!String((event as MessageEvent).data).includes('"last":true')) return;
      if (script.end === 'client') attempt('close', () => socket.close(1_000, 'bye'));
      else attempt('end', () => socket.send(JSON.stringify({ end: script.end })));
    });
  });
  attempt('too late', () => socket.send('{}'));
  seen.push(Object.keys(socket), Object.getPrototypeOf(socket) === socket.constructor.prototype);
  if (socket instanceof WsWebSocket) seen.push(socket.listenerCount('message'), socket.eventNames());
  seen.push(server.received.slice(before));
  return seen;
}

const message = fc.oneof(
  fc.record({ type: fc.constant('response.create'), count: fc.nat(20) }),
  fc.record({ type: fc.constantFrom('session.update', 'response.cancel', 'x') }),
  fc.record({ clientContent: fc.record({ turnComplete: fc.boolean() }) }),
  fc.string(),
);
const scripts: fc.Arbitrary<Script> = fc.record({
  path: fc.constantFrom(
    '/v1/responses',
    '/v1/realtime?model=m',
    '/ws/x.GenerativeService.BidiGenerateContent',
    '/chat',
  ),
  messages: fc.array(message, { maxLength: 4 }),
  isBinary: fc.boolean(),
  end: fc.constantFrom('client', 'close', 'terminate'),
});

test.each(CLIENTS)('$name: the application sees no difference with recording', async (client) => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const bare = await transcript(client, script);
      const recording = await startRecording();
      try {
        expect(await transcript(client, script)).toEqual(bare);
      } finally {
        await recording.stop();
      }
      expect(await transcript(client, script)).toEqual(bare);
    }),
    { numRuns: runs(100, 8) },
  );
});

test.each(CLIENTS)(
  '$name: a connection that is open when recording stops has no taps left',
  async ({ connect }) => {
    const recording = await startRecording();
    const socket = connect(`${server.url}/v1/responses`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const tapped = ['send', 'close', 'emit', 'dispatchEvent'].filter((name) => Object.hasOwn(socket, name));
    expect(tapped).toContain('send');
    await recording.stop();
    expect(tapped.filter((name) => Object.hasOwn(socket, name))).toEqual([]);
    socket.close();
  },
);
