import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { joinUrl, ProviderClient, StoppedError } from '../../src/minimise/provider-client.js';
import { minimise } from '../../src/minimise/search.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { FLAWED, type FlawedRequest, REFUSALS } from './flawed-requests.js';

const MESSAGES = 80;
const MOST_REQUESTS = 10 + 4 * Math.log2(MESSAGES);

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

/** Responds like a strict provider. */
function script({ provider: name }: FlawedRequest): void {
  provider.route(({ body }) => {
    const message = REFUSALS[name](JSON.parse(String(body)));
    if (message === undefined) return { type: 'json', body: { accepted: true } };
    const error = { message, type: 'invalid_request_error', param: null, code: null };
    return { type: 'json', status: 400, body: name === 'openai' ? { error } : { type: 'error', error } };
  });
}

function clientFor(flawed: FlawedRequest, budget = 1_000): ProviderClient {
  script(flawed);
  return new ProviderClient({
    url: `${provider.url}/v1/chat/completions`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    provider: flawed.provider,
    budget,
    confirmContinue: async () => false,
    signal: new AbortController().signal,
  });
}

test('there are at least twenty flaws, in requests of 80 messages', () => {
  expect(FLAWED.length).toBeGreaterThanOrEqual(20);
  for (const { body } of FLAWED)
    expect(Math.abs((body['messages'] as unknown[]).length - MESSAGES)).toBeLessThanOrEqual(1);
});

test.each(FLAWED.map((flawed) => [flawed.flaw, flawed] as const))('finds %s', async (_, flawed) => {
  const connected: string[] = [];
  const onConnect = (message: unknown) => {
    const { request } = message as { request: { origin: unknown } };
    connected.push(String(request.origin));
  };
  subscribe('undici:request:create', onConnect);
  const client = clientFor(flawed);
  const rejection = await client.send(flawed.body);
  const smallest = await minimise(
    flawed.body,
    async (body) => (await client.send(body))?.fingerprint === rejection?.fingerprint,
  );
  unsubscribe('undici:request:create', onConnect);
  const refused = REFUSALS[flawed.provider];
  expect(refused(smallest as Record<string, unknown>)).toBe(refused(flawed.body));
  const others = Object.keys(smallest).filter((name) => name !== 'model' && name !== 'messages');
  expect([(smallest['messages'] as unknown[]).length, others.sort()]).toEqual([
    flawed.messages,
    [...(flawed.members ?? [])].sort(),
  ]);
  expect(client.sent).toBeLessThanOrEqual(MOST_REQUESTS);
  expect(new Set(connected)).toEqual(new Set([provider.url]));
});

test('the same request is sent once', async () => {
  const [flawed] = FLAWED;
  const client = flawed && clientFor(flawed);
  await client?.send({ messages: [] });
  await client?.send({ messages: [] });
  expect(client?.sent).toBe(1);
});

test('more requests than the budget are sent only with consent', async () => {
  const [flawed] = FLAWED;
  const client = flawed && clientFor(flawed, 2);
  await client?.send({ messages: [] });
  await client?.send({ messages: [1] });
  await expect(client?.send({ messages: [2] })).rejects.toThrow(new StoppedError('Stopped after 2 requests'));
  expect(client?.sent).toBe(2);
});

test('a redirect is not followed, so that the key stays with the named host', async () => {
  const [flawed] = FLAWED;
  const client = flawed && clientFor(flawed);
  const other = await startProvider();
  provider.route(() => ({ type: 'text', status: 307, headers: { location: other.url }, body: '' }));
  await expect(client?.send({})).rejects.toThrow(/redirected \(307\), which is not followed/);
  expect(other.requests).toEqual([]);
  await other.close();
});

test('a busy provider is retried, three times at most', async () => {
  const [flawed] = FLAWED;
  const client = flawed && clientFor(flawed);
  const busy = { type: 'json', status: 429, headers: { 'retry-after-ms': '1' }, body: {} } as const;
  provider.route(() => busy);
  await expect(client?.send({})).rejects.toThrow(/responded with 429 \(429\) 3 times: it is overloaded/);
  const replies = [busy, { type: 'json', status: 400, body: { error: { message: 'No.' } } } as const];
  provider.route(() => replies.shift());
  expect(await client?.send({ messages: [] })).toMatchObject({ status: 400, detail: 'No.' });
});

test.each([
  ['https://api.openai.com/v1', '/v1/chat/completions', 'https://api.openai.com/v1/chat/completions'],
  ['https://api.openai.com/', '/v1/chat/completions', 'https://api.openai.com/v1/chat/completions'],
  ['https://gateway/openai/v1/', '/v1/responses', 'https://gateway/openai/v1/responses'],
  ['https://gateway/openai', '/v1/responses?a=b', 'https://gateway/openai/v1/responses?a=b'],
  [
    'http://127.0.0.1:1',
    '/v1beta/models/m:generateContent',
    'http://127.0.0.1:1/v1beta/models/m:generateContent',
  ],
])('%s and %s are %s', (base, path, address) => {
  expect(joinUrl(new URL(base), path)).toBe(address);
});
