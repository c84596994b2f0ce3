import { type Recording, startRecording } from '../support/recording.js';
import { type Clients, startClients } from './clients.js';
import { record } from './record.js';

const NAMES = [
  "Node's fetch",
  "Node's fetch on npm's Agent",
  "Node's fetch on npm's ProxyAgent, CONNECT",
  "Node's fetch on npm's ProxyAgent, forward",
  'fetch',
  'fetch on an Agent',
  'fetch on a ProxyAgent, CONNECT',
  'fetch on a ProxyAgent, forward',
  'request',
  'request on a Client',
  'request on a Pool',
  'request on a ProxyAgent, CONNECT',
  'stream',
  'pipeline',
];

const QUESTION = JSON.stringify({ model: 'gpt', messages: [{ role: 'user', content: 'Grüße' }] });
const ANSWER = JSON.stringify({ id: 'a', text: 'Ja, ça va' });
const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';

let recording: Recording;
let clients: Clients;
beforeAll(async () => {
  recording = await startRecording();
  clients = await startClients(recording.provider.url);
});
afterAll(async () => {
  await clients.close();
  await recording.stop();
});

function client(name: string) {
  const found = clients.all.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no client ${name}`);
  return found;
}

test('every client has its test', () => {
  expect(clients.all.map(({ name }) => name)).toEqual(NAMES);
});

describe.each(NAMES)('%s', (name) => {
  test('one exchange is one attempt with everything on the wire', async () => {
    const { provider } = recording;
    provider.reply({
      type: 'json',
      body: ANSWER,
      headers: { 'x-request-id': 'req_7', 'set-cookie': ['a=1', 'b=2'], 'x-two': ['1', '2'] },
    });
    const { outcome, step, attempt, attributes } = await record(recording, () =>
      client(name).send(`${provider.url}/v1/chat?api-version=1&api_key=geheim`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'X-Plain': 'yes' },
        body: QUESTION,
      }),
    );
    expect(outcome).toEqual({ value: { status: 200, body: Buffer.from(ANSWER) } });
    expect(step).toMatchObject({ status: 'completed', attemptCount: 1, statusCode: 200 });
    expect(step.attempts).toHaveLength(1);
    expect(attempt).toMatchObject({
      number: 1,
      status: 'completed',
      method: 'POST',
      path: '/v1/chat',
      statusCode: 200,
      requestId: 'req_7',
      requestBody: QUESTION,
      responseBody: ANSWER,
      errorType: undefined,
      retryAfterMillis: undefined,
    });
    expect(attributes).toMatchObject({
      'url.full': `${provider.url}/v1/chat?api-version=1&api_key=[REDACTED]`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(provider.url).port),
      'chatdebug.attempt.request_body_size': Buffer.byteLength(QUESTION),
      'chatdebug.attempt.response_body_size': Buffer.byteLength(ANSWER),
      'http.request.header.authorization': ['[REDACTED]'],
      'http.request.header.content-type': ['application/json'],
      'http.request.header.x-plain': ['yes'],
      'http.response.header.content-type': ['application/json'],
      'http.response.header.set-cookie': ['[REDACTED]', '[REDACTED]'],
      'http.response.header.x-two': ['1', '2'],
    });
    expect(attributes).not.toHaveProperty(['http.request.resend_count']);
    const { startTimeUnixNano: from, endTimeUnixNano: to } = step.span;
    const began = attempt.event.timeUnixNano;
    const ended = began + BigInt(attempt.durationMillis ?? -1) * 1_000_000n;
    expect(began >= from && ended <= to + 1_000_000n).toBe(true);
    expect(attempt.durationMillis).toBeLessThanOrEqual(step.durationMillis + 1);
    expect(JSON.stringify(recording.receiver.bodies.map(String))).not.toContain(KEY);
  });

  test('a refused request and its retry are two attempts of one step', async () => {
    const { provider } = recording;
    provider.reply(
      {
        type: 'json',
        status: 429,
        body: { error: { message: 'slow', code: 'rate_limit_exceeded' } },
        headers: { 'retry-after': '2', 'x-request-id': 'r1' },
      },
      { type: 'json', body: ANSWER, headers: { 'x-request-id': 'r2' } },
    );
    const send = () => client(name).send(`${provider.url}/v1/chat`, { method: 'POST', body: QUESTION });
    const { step } = await record(recording, async () => [await send(), await send()]);
    expect(step).toMatchObject({ status: 'completed', attemptCount: 2, statusCode: 200 });
    expect(step.attempts).toMatchObject([
      {
        number: 1,
        status: 'failed',
        statusCode: 429,
        requestId: 'r1',
        retryAfterMillis: 2_000,
        errorType: 'rate_limit_exceeded',
      },
      { number: 2, status: 'completed', statusCode: 200, requestId: 'r2', retryAfterMillis: undefined },
    ]);
    expect(step.attempts.map(({ event }) => event.attributes['http.request.resend_count'])).toEqual([
      undefined,
      1,
    ]);
  });
});
