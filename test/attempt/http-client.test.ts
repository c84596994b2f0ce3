import { hasSubscribers } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { createServer as createTlsServer, request as tlsRequest } from 'node:https';
import { createServer } from 'node:net';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { NO_CONTEXTS } from '../../src/attempt/callers.js';
import { installHttpClientRecorder } from '../../src/attempt/http-client.js';
import { withRun, withStep } from '../../src/index.js';
import { runNode } from '../support/child.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import { TEST_TLS } from '../support/tls.js';
import { post } from './http-clients.js';
import { record } from './record.js';

const CHAT = '/v1/chat/completions';
const GEHEIM = '{"model":"gpt-4o","messages":[{"role":"user","content":"geheim"}]}';
const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } };

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const drained = async (answer: IncomingMessage): Promise<number | undefined> => {
  await once(answer.resume(), 'end');
  return answer.statusCode;
};

/** Sends with `node:http` and these options, and reads the response. */
const send = (path: string, options: RequestOptions = {}, body = '{}') =>
  new Promise<number | undefined>((resolve, reject) => {
    const sent = request(recording.provider.url + path, { ...JSON_POST, ...options }, (answer) =>
      resolve(drained(answer)),
    );
    sent.on('error', reject).end(options.method === 'GET' ? undefined : body);
  });

describe('in a step', () => {
  test('an attempt has its bodies and headers', async () => {
    const { provider } = recording;
    const answer = completion('Hello.');
    provider.reply({
      ...answer,
      headers: { 'x-request-id': 'req_7', 'set-cookie': ['a=1', 'b=2'], 'x-two': ['1', '2'] },
    });
    const headers = { authorization: 'Bearer sk-abc', 'X-Plain': 'yes', 'x-list': ['1', '2'] };
    const { outcome, step, attempt, attributes } = await record(recording, () =>
      send(`${CHAT}?api_key=geheim`, { headers }),
    );
    expect(outcome).toEqual({ value: 200 });
    expect(step).toMatchObject({ status: 'completed', attemptCount: 1, statusCode: 200 });
    expect(attempt).toMatchObject({
      number: 1,
      status: 'completed',
      method: 'POST',
      path: CHAT,
      statusCode: 200,
      requestId: 'req_7',
      requestBody: '{}',
      responseBody: JSON.stringify(answer.body),
    });
    expect(attributes).toMatchObject({
      'chatdebug.attempt.request_body_size': 2,
      'chatdebug.attempt.response_body_size': JSON.stringify(answer.body).length,
      'url.full': `${provider.url}${CHAT}?api_key=[REDACTED]`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(provider.url).port),
      'http.request.header.authorization': ['[REDACTED]'],
      'http.request.header.x-plain': ['yes'],
      'http.request.header.x-list': ['1', '2'],
      'http.response.header.set-cookie': ['[REDACTED]', '[REDACTED]'],
      'http.response.header.x-two': ['1', '2'],
    });
  });

  test('a stream has its usage and counts', async () => {
    recording.provider.reply(completionStream('Hello there.'));
    await withRun({}, () => withStep({ operation: 'stream' }, () => send(CHAT)));
    const [step] = (await recording.runs()).flatMap(({ steps }) => steps);
    expect(step).toMatchObject({
      operation: 'stream',
      status: 'completed',
      usage: { inputTokens: 20, outputTokens: 10 },
      span: { attributes: { 'chatdebug.stream.last_event': '[DONE]', 'chatdebug.stream.text_deltas': 2 } },
    });
  });

  test('the headers of a request may be a list', async () => {
    const { provider } = recording;
    provider.reply(completion('Hello.'));
    const { host } = new URL(provider.url);
    const headers = ['host', host, 'x-plain', 'yes', 'transfer-encoding', 'chunked'];
    const { attributes, attempt } = await record(recording, () => send(CHAT, { headers }));
    expect(attributes).toMatchObject({
      'url.full': provider.url + CHAT,
      'http.request.header.x-plain': ['yes'],
    });
    expect(attempt).toMatchObject({ requestBody: '{}', responseBody: expect.stringContaining('Hello.') });
  });

  test('a request aborted before it was sent ends at once, where this Node shows it', async () => {
    const { step } = await record(recording, async () => {
      recording.provider.reply({ type: 'json', body: {} });
      const sent = request(recording.provider.url + CHAT, JSON_POST);
      sent.abort();
      await once(sent, 'close');
      return send(CHAT);
    });
    const given = { status: 'interrupted', durationMillis: expect.any(Number), statusCode: undefined };
    const [major = 0] = process.versions.node.split('.').map(Number);
    expect(step.attempts).toMatchObject(major < 22 ? [{ statusCode: 200 }] : [given, { statusCode: 200 }]);
  });

  test('upgrades and tunnels are not attempts', async () => {
    const server = createServer((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    recording.provider.reply({ type: 'json', body: {} });
    const { step } = await record(recording, async () => {
      const upgrade = { port, headers: { connection: 'upgrade', upgrade: 'x' } };
      for (const options of [upgrade, { port, method: 'CONNECT', path: 'a:1' }]) {
        const sent = request(options).end();
        const [[, socket]] = await Promise.all([
          Promise.race([once(sent, 'upgrade'), once(sent, 'connect')]),
          once(sent, 'close'),
        ]);
        socket.destroy();
      }
      return send(CHAT);
    });
    server.close();
    expect(step.attempts).toMatchObject([{ path: CHAT }]);
  });

  test("the exporter's own requests are not recorded, even if a step asks for the export", async () => {
    recording.provider.reply({ type: 'json', body: {} });
    await withRun({}, () => withStep({}, () => send('/first')));
    const { step } = await record(recording, async () => {
      await recording.handle.forceFlush();
      return send('/second');
    });
    expect(recording.receiver.spans).not.toHaveLength(0);
    expect(step.attempts.map(({ path }) => path)).toEqual(['/second']);
  });
});

describe('the application', () => {
  test('gets an unchanged response: not flowing, without listeners that make a difference', async () => {
    recording.provider.reply(completion('Hello.'));
    const answer = await post(recording.provider.url + CHAT);
    expect(answer.readableFlowing).toBeNull();
    const events = ['data', 'readable', 'error', 'aborted', 'pause', 'resume'];
    expect(events.map((event) => answer.listenerCount(event))).toEqual(events.map(() => 0));
    // Node's own.
    expect(answer.listenerCount('end')).toBe(1);
    await drained(answer);
    expect((await recording.stop()).flatMap(({ steps }) => steps)).toMatchObject([{ status: 'completed' }]);
  });

  test('may leave a response unread: its connection is released', async () => {
    recording.provider.reply(completion('Hello.'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    request(recording.provider.url + CHAT, { ...JSON_POST, agent }).end();
    expect(await send(CHAT, { agent })).toBe(200);
    agent.destroy();
    const steps = (await recording.stop()).flatMap((run) => run.steps);
    const dropped = { event: { attributes: { 'chatdebug.attempt.bodies': 'response_out_of_reach' } } };
    expect(steps).toMatchObject([{ status: 'completed', attempts: [dropped] }, { status: 'completed' }]);
    expect(steps[1]?.attempts[0]?.event.attributes).not.toHaveProperty('chatdebug.attempt.bodies');
  });

  test('is not affected by an internal error', async () => {
    const warnings: unknown[] = [];
    const logger = {
      warn: (...said: unknown[]) => warnings.push(said),
      error() {},
      info() {},
      debug() {},
      verbose() {},
    };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    const broken = () => {
      throw new Error('ours');
    };
    const undo = installHttpClientRecorder({
      recognise: broken,
      begin: broken,
      contexts: NO_CONTEXTS,
    });
    recording.provider.reply({ type: 'json', body: {} });
    expect(await send('/any')).toBe(200);
    undo();
    diag.disable();
    expect(warnings).toHaveLength(1);
  });
});

test('over TLS', async () => {
  const server = createTlsServer(TEST_TLS, (incoming, answer) =>
    incoming.resume().on('end', () => answer.end(JSON.stringify(completion('Hello.').body))),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const sent = tlsRequest(url + CHAT, { ...JSON_POST, rejectUnauthorized: false }).end('{}');
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  if (answer !== undefined) await drained(answer);
  server.close();
  const [step] = (await recording.stop()).flatMap(({ steps }) => steps);
  expect(step).toMatchObject({ status: 'completed', attempts: [{ status: 'completed', statusCode: 200 }] });
  expect(step?.attempts[0]?.event.attributes).toMatchObject({ 'url.full': url + CHAT });
});

test.each([false, true])(
  'an unhandled error of the request ends the application (recording: %s)',
  async (records) => {
    const source = `
    if (${records}) require('opentelemetry-instrumentation-chatdebug').startChatDebug();
    require('node:http').request('http://127.0.0.1:1/v1/chat/completions', { method: 'POST' }).end('{}');`;
    const child = await runNode({ source, type: 'commonjs' });
    expect(child.code).toBe(1);
    expect(child.stderr).toMatch(/Unhandled 'error' event[\s\S]*ECONNREFUSED/);
  },
  60_000,
);

test('outside a step, other requests are not recorded', async () => {
  recording.provider.reply({ type: 'json', body: {} });
  await send('/v1/models', { method: 'GET' });
  await withRun({ runId: 'a' }, () => send('/v1/embeddings'));
  expect(await recording.stop()).toMatchObject([{ id: 'a', steps: [] }]);
});

test('in errors mode a failure has its error and the location of its body', async () => {
  await recording.stop();
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply({
    type: 'json',
    status: 500,
    body: { error: { message: 'it broke' }, geheim: 1 },
  });
  expect(await send(`${CHAT}?q=geheim`, { headers: { 'x-mine': 'geheim' } }, GEHEIM)).toBe(500);
  const [step] = (await recording.stop()).flatMap(({ steps }) => steps);
  expect(step).toMatchObject({
    model: 'gpt-4o',
    error: { kind: 'generic', type: '500', providerStatus: 500, detail: 'it broke' },
  });
  const [attempt] = step?.attempts ?? [];
  expect(attempt).toMatchObject({ status: 'failed', statusCode: 500, path: CHAT });
  expect(attempt?.event.attributes).not.toHaveProperty('chatdebug.attempt.bodies');
  expect(recording.receiver.bodies.join()).not.toContain('geheim');
});

const CHANNELS = ['request.created', 'request.start', 'request.error', 'response.finish'].map(
  (name) => `http.client.${name}`,
);
/** Belongs to an export that another test file in this process has not finished. */
const SUBSCRIBED_BEFORE = CHANNELS.filter(hasSubscribers);

test('shutdown removes every subscriber', async () => {
  expect(CHANNELS.filter(hasSubscribers)).toEqual(CHANNELS);
  await recording.stop();
  const left = CHANNELS.filter((name) => hasSubscribers(name) && !SUBSCRIBED_BEFORE.includes(name));
  expect(left).toEqual([]);
});
