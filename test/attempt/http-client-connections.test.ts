import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { startChatDebug, withRun, withStep } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { startProvider } from '../support/provider.js';
import { startRecording } from '../support/recording.js';
import { Kept } from './kept.js';
import { NODE_MAJOR } from './undici-copies.js';

const CHAT = '/v1/chat/completions';
const BODY = '{"model":"gpt-4o","messages":[]}';

let agent: Agent;
beforeEach(() => {
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(() => agent.destroy());

/** Sends over the only connection, reads the response, and returns the connection. */
async function send(url: string): Promise<Socket> {
  const sent = request(url, { method: 'POST', agent }).end(BODY);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  const { socket } = sent;
  if (answer === undefined || socket === null) throw new Error('no answer');
  await Promise.all([once(answer.resume(), 'end'), once(sent, 'close')]);
  return socket;
}

test('each request that waits for a connection is in the step of its caller', async () => {
  const recording = await startRecording();
  recording.provider.reply(completion('Hello.'));
  await Promise.all(
    ['a', 'b', 'c'].map((runId) =>
      withRun({ runId }, () => withStep({}, () => send(`${recording.provider.url}/${runId}`))),
    ),
  );
  const runs = await recording.stop();
  const seen = runs.map(({ id, steps }) => [
    id,
    steps.flatMap(({ attempts }) => attempts.map(({ path, requestBody }) => [path, requestBody])),
  ]);
  expect(seen.sort()).toEqual(['a', 'b', 'c'].map((id) => [id, [[`/${id}`, BODY]]]));
});

test('the owner of a request is determined once, also on a reused connection', async () => {
  const asked: string[] = [];
  const recording = await startRecording({
    runFor: ({ url }) => {
      asked.push(new URL(url).pathname);
      return false;
    },
  });
  recording.provider.reply(completion('Hello.'));
  for (let i = 0; i < 3; i += 1) await send(recording.provider.url + CHAT);
  expect(await recording.stop()).toEqual([]);
  expect(asked).toEqual([CHAT, CHAT, CHAT]);
});

describe('on a connection that was open before the start', () => {
  /** Two calls, after one that was not observed. */
  const play = async () => {
    const provider = await startProvider();
    provider.reply(completion('Hello.'));
    const before = await send(provider.url + CHAT);
    const own = Object.getOwnPropertyDescriptors(before);
    const exporter = new Kept();
    const handle = startChatDebug({ capture: 'full', exporter });
    try {
      expect(await send(provider.url + CHAT)).toBe(before);
      expect(Object.keys(before)).toEqual(Object.keys(own));
      expect(await send(provider.url + CHAT)).toBe(before);
    } finally {
      await handle.shutdown();
      await provider.close();
    }
    return { attempts: exporter.attempts(), own, after: Object.getOwnPropertyDescriptors(before) };
  };

  test('the request of the first call is unreachable on Node 20 only', async () => {
    const { attempts } = await play();
    const seen = {
      'chatdebug.attempt.request_body': BODY,
      'chatdebug.attempt.response_body': expect.stringContaining('Hello.'),
    };
    const unseen = { ...seen, 'chatdebug.attempt.bodies': 'request_out_of_reach' };
    const { 'chatdebug.attempt.request_body': _, ...first } = unseen;
    expect(attempts).toMatchObject([NODE_MAJOR < 22 ? first : seen, seen]);
    expect(attempts.map((one) => 'chatdebug.attempt.bodies' in one)).toEqual([NODE_MAJOR < 22, false]);
  });

  test('a connection to a host without model calls is not observed', async () => {
    const recording = await startRecording({ capture: 'full' });
    recording.provider.reply({ type: 'json', body: {} });
    try {
      const socket = await send(`${recording.provider.url}/orders`);
      expect(await send(`${recording.provider.url}/orders`)).toBe(socket);
      expect(Object.getOwnPropertyDescriptor(socket, '_httpMessage')).toHaveProperty('value');
    } finally {
      await recording.stop();
    }
  });

  test('shutdown restores the connection', async () => {
    const { own, after } = await play();
    expect(Object.keys(after)).toEqual(Object.keys(own));
    for (const { get } of Object.values(after)) expect(get).toBeUndefined();
  });
});
