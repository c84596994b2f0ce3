import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { withRun } from '../../src/index.js';
import { text } from '../support/attributes.js';
import { type Recording, startRecording } from '../support/recording.js';
import { CLIENTS } from './clients.js';
import { responseEvents } from './events.js';
import { type Event, messagesUntil, type SocketServer, startSocketServer } from './socket-server.js';

let recording: Recording;
let server: SocketServer;
beforeEach(async () => {
  [recording, server] = await Promise.all([startRecording(), startSocketServer({ perMessageDeflate: true })]);
});
afterEach(async () => {
  await recording.stop();
  await server.close();
});

const REQUEST = { type: 'response.create', model: 'gpt-5-mini', input: 'Say hello.' };
const isLast = ({ type }: Event) => type === 'response.completed' || type === 'error';

describe.each(CLIENTS)('$name', ({ connect }) => {
  test('a response requested by a listener of `open` is a step of its caller', async () => {
    server.answer(() => responseEvents('Hello there.'));
    const events = await withRun({ chatId: 'c1' }, async () => {
      const socket = connect(`${server.url}/v1/responses`);
      socket.addEventListener('open', () => socket.send(JSON.stringify(REQUEST)));
      const messages = await messagesUntil(socket, isLast);
      socket.close();
      return messages;
    });
    expect(events).toEqual(responseEvents('Hello there.'));
    const [run, ...others] = await recording.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ chatId: 'c1', status: 'completed' });
    expect(run?.steps).toMatchObject([
      {
        status: 'completed',
        operation: 'stream',
        provider: 'openai',
        model: 'gpt-5-mini',
        usage: { inputTokens: 20, outputTokens: 10 },
        statusCode: 101,
        attempts: [{ status: 'completed', path: '/v1/responses', method: 'GET', statusCode: 101 }],
      },
    ]);
    const [step] = run?.steps ?? [];
    const [attempt] = step?.attempts ?? [];
    expect(step && text(step.span, 'gen_ai.output.messages')).toContain('Hello there.');
    expect(step && text(step.span, 'gen_ai.input.messages')).toContain('Say hello.');
    expect(step && text(step.span, 'gen_ai.response.id')).toBe('resp_1');
    expect(attempt?.requestBody).toBe(JSON.stringify(REQUEST));
    expect(attempt?.responseBody).toContain('response.completed');
    expect(attempt && text(attempt.event, 'network.protocol.name')).toBe('websocket');
    expect(attempt && text(attempt.event, 'url.full')).toBe(`${server.url}/v1/responses`);
    expect(Object.keys(attempt?.event.attributes ?? {})).not.toContain('http.response.header.content-type');
  });

  test('each response of a connection belongs to the run that requests it', async () => {
    server.answer(({ input }) => responseEvents(`To ${input}.`, `resp_${input}`));
    const socket = connect(`${server.url}/v1/responses`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    for (const chatId of ['a', 'b']) {
      await withRun({ chatId }, async () => {
        socket.send(JSON.stringify({ ...REQUEST, input: chatId }));
        await messagesUntil(socket, isLast);
      });
    }
    socket.send(JSON.stringify({ ...REQUEST, input: 'nobody' }));
    await messagesUntil(socket, isLast);
    socket.close();
    const runs = await recording.runs();
    expect(
      runs.map(({ chatId, steps }) => [chatId, steps.map(({ span }) => text(span, 'gen_ai.response.id'))]),
    ).toEqual([
      ['a', ['resp_a']],
      ['b', ['resp_b']],
      [undefined, ['resp_nobody']],
    ]);
  });

  test('an error of the server fails the step, and the connection continues', async () => {
    const error = {
      type: 'invalid_request_error',
      code: 'previous_response_not_found',
      message: 'No such response.',
    };
    server.answer(({ input }) =>
      input === 'bad' ? [{ type: 'error', status: 400, error }] : responseEvents('Fine.'),
    );
    await withRun({}, async () => {
      const socket = connect(`${server.url}/v1/responses`);
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      for (const input of ['bad', 'good']) {
        socket.send(JSON.stringify({ ...REQUEST, input }));
        await messagesUntil(socket, isLast);
      }
      socket.close();
    });
    const [run] = await recording.runs();
    expect(run?.steps).toMatchObject([
      { status: 'error', error: { providerStatus: 400 }, attempts: [{ errorMessage: 'No such response.' }] },
      { status: 'completed' },
    ]);
    expect(run?.steps[0]?.error?.type).toContain('previous_response_not_found');
  });

  test('a lost connection, and one that the application closes', async () => {
    server.answer(({ type }, socket) => {
      if (type === 'lose') socket.terminate();
      if (type === 'end') socket.close(1011, 'The server had an error.');
      return type === 'response.create' ? responseEvents('Half.').slice(0, 4) : [];
    });
    for (const end of ['lose', 'end', 'leave']) {
      await withRun({ chatId: end }, async () => {
        const socket = connect(`${server.url}/v1/responses`);
        await new Promise((resolve) => socket.addEventListener('open', resolve));
        const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
        socket.addEventListener('error', () => {});
        socket.send(JSON.stringify(REQUEST));
        await messagesUntil(socket, ({ type }) => type === 'response.content_part.added');
        if (end === 'leave') socket.close();
        else socket.send(JSON.stringify({ type: end }));
        await closed;
      });
    }
    const steps = (await recording.runs()).map(({ steps: [step] }) => step);
    expect(steps).toMatchObject([
      { status: 'error', error: { kind: 'timeout', type: 'ECONNRESET' } },
      { status: 'error' },
      { status: 'interrupted' },
    ]);
    expect(steps[1]?.attempts[0]?.errorMessage).toContain('The server had an error.');
  });
});

test("OpenAI's client", async () => {
  server.answer(() => responseEvents('Hello there.'));
  const client = new OpenAI({ apiKey: 'sk-geheim', baseURL: `${server.url.replace('ws', 'http')}/v1` });
  await withRun({}, async () => {
    const socket = new ResponsesWS(client);
    const done = new Promise((resolve) => socket.on('response.completed', resolve));
    socket.send({ type: 'response.create', model: 'gpt-5-mini', input: 'Say hello.' });
    await done;
    socket.close();
  });
  const [run] = await recording.runs();
  expect(run?.steps).toMatchObject([
    { status: 'completed', model: 'gpt-5-mini', usage: { outputTokens: 10 } },
  ]);
  expect(String(recording.receiver.bodies)).not.toContain('sk-geheim');
});
