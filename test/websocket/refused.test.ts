import { once } from 'node:events';
import { metrics } from '@opentelemetry/api';
import { WebSocket as WsWebSocket } from 'ws';
import { withRun, withStep } from '../../src/index.js';
import { startRefusingPort } from '../support/loopback.js';
import { collectMetrics } from '../support/metrics.js';
import { type Recording, startRecording } from '../support/recording.js';
import { TEST_TLS } from '../support/tls.js';
import type { RunTree } from '../support/tree.js';
import { CLIENTS, type ClientSocket } from './clients.js';
import { responseEvents } from './events.js';
import { messagesUntil, startSocketServer } from './socket-server.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const PATH = '/v1/realtime?model=gpt-realtime';
const origin = () => recording.provider.url.replace('http', 'ws');

/** Resolves when the client reports that the connection has failed. */
const failure = (socket: ClientSocket) => new Promise((resolve) => socket.addEventListener('error', resolve));

const refusingOrigin = async () => (await startRefusingPort()).url.replace('http', 'ws');

const refusal = (status: number, code: string) =>
  ({
    type: 'json',
    status,
    headers: { 'x-request-id': 'req_1' },
    body: { error: { message: 'No.', type: 'invalid_request_error', code } },
  }) as const;

const outcomes = (runs: readonly RunTree[]) =>
  runs.flatMap(({ steps }) =>
    steps.map(({ status, error, attempts }) => [
      status,
      error?.kind,
      attempts.map((attempt) => [attempt.status, attempt.statusCode]),
    ]),
  );

describe.each(CLIENTS)('$name', ({ connect }) => {
  test('a connection refused by the provider is a failed step of its caller', async () => {
    recording.provider.reply({ ...refusal(401, 'invalid_api_key'), delayMillis: 100 });
    await withRun({ chatId: 'c' }, () => failure(connect(origin() + PATH)));
    const [run, ...others] = await recording.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ chatId: 'c', hasError: true });
    expect(run?.steps).toMatchObject([
      {
        status: 'error',
        statusCode: 401,
        model: 'gpt-realtime',
        provider: 'openai',
        error: { kind: 'auth' },
        attempts: [
          { status: 'failed', statusCode: 401, method: 'GET', path: '/v1/realtime', requestId: 'req_1' },
        ],
      },
    ]);
    const [step] = run?.steps ?? [];
    const { startTimeUnixNano = 0n, endTimeUnixNano = 0n } = step?.span ?? {};
    expect(Number(endTimeUnixNano - startTimeUnixNano) / 1e6).toBeGreaterThan(90);
    expect(step?.attempts[0]?.event.attributes).toMatchObject({
      'network.protocol.name': 'websocket',
      'url.full': `${origin()}${PATH}`,
      'http.response.header.content-type': ['application/json'],
    });
  });

  test('outside every run it is a run of its own, from the beginning of the request', async () => {
    recording.provider.reply({ ...refusal(429, 'rate_limit_exceeded'), delayMillis: 100 });
    await failure(connect(origin() + PATH));
    const [run, ...others] = await recording.stop();
    expect(outcomes([run, ...others].filter((one) => one !== undefined))).toEqual([
      ['error', 'rate_limit', [['failed', 429]]],
    ]);
    expect(run?.span?.startTimeUnixNano).toBe(run?.steps[0]?.span.startTimeUnixNano);
  });

  test('inside a step it is an attempt of the step', async () => {
    recording.provider.reply(refusal(403, 'forbidden'));
    await withRun({}, () => withStep({ model: 'mine' }, () => failure(connect(origin() + PATH))));
    expect(await recording.runs()).toMatchObject([
      { steps: [{ model: 'mine', attempts: [{ status: 'failed', statusCode: 403 }] }] },
    ]);
  });

  test.each([
    ['refuses connections', refusingOrigin, 'timeout'],
    [
      'cuts the connection',
      async () => {
        recording.provider.reply({ type: 'cut', when: 'before-headers' });
        return origin();
      },
      'timeout',
    ],
  ])('a server that %s', async (_, urlOf, kind) => {
    const url = await urlOf();
    await withRun({}, () => failure(connect(url + PATH)));
    expect(outcomes(await recording.stop())).toEqual([['error', kind, [['failed', undefined]]]]);
  });

  test('an untrusted certificate', async () => {
    const server = await startSocketServer({}, TEST_TLS);
    await withRun({}, () => failure(connect(server.url + PATH)));
    await server.close();
    expect(outcomes(await recording.stop())).toEqual([['error', 'config', [['failed', undefined]]]]);
  });

  test('a server without WebSocket support', async () => {
    recording.provider.reply({ type: 'text', body: '<html>Welcome.</html>' });
    await withRun({}, () => failure(connect(origin() + PATH)));
    expect(outcomes(await recording.stop())).toMatchObject([['error', 'generic', [['failed', 200]]]]);
  });

  test('a connection that the application closes before it is open is not recorded', async () => {
    recording.provider.reply({ type: 'hang', when: 'before-headers' });
    const socket = connect(origin() + PATH);
    socket.addEventListener('error', () => {});
    await recording.provider.arrived();
    const closed = recording.provider.gone();
    socket.close();
    await closed;
    expect(await recording.stop()).toEqual([]);
  });

  test('in errors capture it is kept by its kind', async () => {
    await recording.stop();
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(refusal(422, 'odd'));
    await withRun({}, () => failure(connect(origin() + PATH)));
    recording.provider.reply(refusal(401, 'invalid_api_key'));
    await withRun({}, () => failure(connect(origin() + PATH)));
    expect(outcomes(await recording.stop())).toEqual([['error', 'generic', [['failed', 422]]]]);
  });
});

test('attempts are counted by their HTTP status: 101, or that of the refusal', async () => {
  const collected = collectMetrics();
  metrics.setGlobalMeterProvider(collected.provider);
  await recording.stop();
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(refusal(400, 'odd'));
  await failure(new WsWebSocket(origin() + PATH) as unknown as ClientSocket);
  await failure(new WsWebSocket((await refusingOrigin()) + PATH) as unknown as ClientSocket);
  const server = await startSocketServer();
  server.answer(({ type }, client) => {
    if (type === 'lose') client.terminate();
    const isFirst = server.received.length === 1;
    return isFirst ? responseEvents('Hello.') : [];
  });
  const socket = new WsWebSocket(`${server.url}/v1/responses`);
  await once(socket, 'open');
  const isOver = messagesUntil(socket as unknown as EventTarget, ({ type }) => type === 'response.completed');
  socket.send('{"type":"response.create"}');
  await isOver;
  socket.send('{"type":"response.create"}');
  socket.send('{"type":"lose"}');
  await once(socket, 'close');
  await server.close();
  await recording.spans();
  const points = await collected.points('chatdebug.attempts');
  metrics.disable();
  const counted = points.map(({ attributes, value }) => [
    attributes['chatdebug.attempt.status_class'],
    attributes['chatdebug.attempt.status'],
    value,
  ]);
  expect(counted.sort()).toEqual([
    ['1xx', 'completed', 1],
    ['1xx', 'failed', 1],
    ['4xx', 'failed', 1],
    ['none', 'failed', 1],
  ]);
});

test('ws aborts a handshake that takes too long', async () => {
  recording.provider.reply({ type: 'hang', when: 'before-headers' });
  await withRun({}, () =>
    failure(new WsWebSocket(origin() + PATH, { handshakeTimeout: 100 }) as unknown as ClientSocket),
  );
  expect(outcomes(await recording.stop())).toEqual([['error', 'timeout', [['failed', undefined]]]]);
});
