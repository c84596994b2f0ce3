import { DiagLogLevel, diag } from '@opentelemetry/api';
import { rawReplies } from '../attempt/raw-server.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { sseText } from '../support/send-reply.js';

const MEBIBYTE = 1_048_576;
/** Far more than needed on any machine: only superlinear growth exceeds it. */
const TIME_LIMIT_MILLIS = 60_000;

const warnings: string[] = [];
const noted = (message: string) => void warnings.push(message);
const ignored = () => {};
beforeAll(() => {
  const logger = { error: noted, warn: noted, info: ignored, debug: ignored, verbose: ignored };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterAll(() => diag.disable());

let recording: Recording;
afterEach(async () => {
  await recording.stop();
  expect(warnings.splice(0)).toEqual([]);
});

type Body = string | ReadableStream;

const ask = (body: Body, url = recording.provider.url) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  } as RequestInit).then((response) => response.text());

const NOTHING_HELD = { bodyBytes: 0, liveRuns: 0 };
const message = { role: 'user', content: 'Hi' };

describe('a request', () => {
  const REQUESTS: [name: string, body: () => Body, model: string | undefined][] = [
    ['that is not JSON', () => 'Hi there', undefined],
    ['that is empty', () => '', undefined],
    ['that is JSON of another kind', () => '[[["model"]]]', undefined],
    ['that is incomplete', () => '{"model":"m","messages":[{"role":"us', 'm'],
    [
      'of 30 MB',
      () => JSON.stringify({ model: 'm', messages: [{ ...message, content: 'x'.repeat(30 * MEBIBYTE) }] }),
      'm',
    ],
    [
      'of a million messages',
      () => JSON.stringify({ model: 'm', messages: Array(1_000_000).fill(message) }),
      'm',
    ],
    ['that is nested deeply', () => `{"model":"m","messages":${'['.repeat(100_000)}`, 'm'],
    ['that is a stream', () => new Blob(['{"model":"m",', '"messages":[]}']).stream(), 'm'],
    [
      'of unknown types',
      () =>
        JSON.stringify({
          model: 'm',
          messages: [7, null, { role: 9, content: [{ type: 'hologram' }, 'x', [null]] }],
          tools: { a: 1 },
        }),
      'm',
    ],
  ];

  test.each(REQUESTS)(
    '%s is a step with the remaining facts',
    async (_, body, model) => {
      recording = await startRecording();
      const { provider, handle } = recording;
      let held = 0;
      provider.route(() => {
        held = handle.stats().bodyBytes;
        return undefined;
      });
      provider.reply(completion('Hello.'));
      await ask(body());
      expect(held).toBeLessThanOrEqual(MEBIBYTE);
      const [run] = await recording.runs();
      expect(handle.stats()).toMatchObject(NOTHING_HELD);
      expect(run?.steps).toMatchObject([
        {
          status: 'completed',
          model,
          usage: { inputTokens: 20 },
          attempts: [{ statusCode: 200, event: { attributes: sizeOf(provider.requests[0]?.body.length) } }],
        },
      ]);
      for (const value of Object.values(run?.steps[0]?.span.attributes ?? {}))
        expect(String(value).length).toBeLessThanOrEqual(MEBIBYTE);
    },
    TIME_LIMIT_MILLIS,
  );

  test.each(REQUESTS)(
    '%s is kept in errors mode like any other',
    async (_, body, model) => {
      recording = await startRecording({ capture: 'errors' });
      recording.provider.reply(openaiError(400, null, 'invalid_request_error', 'What is that?'));
      await ask(body());
      const runs = await recording.runs();
      expect(runs).toMatchObject([
        {
          status: 'error',
          steps: [{ status: 'error', model, error: { kind: 'generic' }, attempts: [{ statusCode: 400 }] }],
        },
      ]);
    },
    TIME_LIMIT_MILLIS,
  );
});

function sizeOf(bytes = 0): object {
  return bytes === 0 ? {} : { 'chatdebug.attempt.request_body_size': bytes };
}

const GOOD = completionStream('Hello there.');
const [first = '', ...others] = [...GOOD.events, 'data: [DONE]\n\n'].map(sseText);
const stream = (...events: string[]): Reply => ({ ...GOOD, events, done: false });
const asStream = (body: Buffer): Reply => ({
  type: 'text',
  body,
  headers: { 'content-type': 'text/event-stream' },
});
const json = (body: unknown): Reply => ({ type: 'json', body });

describe('a response', () => {
  const completed = { status: 'completed' };
  const failed = { status: 'error', error: { kind: 'generic' } };
  const ANSWERS: [name: string, reply: Reply, step: object][] = [
    ['that claims JSON and is HTML', json('<html>Sign in</html>'), failed],
    ['that is JSON of another kind', json('[7]'), failed],
    ['that is null', json('null'), failed],
    ['without choices', json({ choices: [], usage: { prompt_tokens: 3 } }), failed],
    ['that is an empty object', json({}), failed],
    ['that is a huge number', json('9'.repeat(MEBIBYTE)), failed],
    ['that is nested deeply', json('['.repeat(100_000) + ']'.repeat(100_000)), failed],
    [
      'with usage in strings',
      json({
        model: 'm',
        choices: [{ message: { content: 'Hi' } }],
        usage: { prompt_tokens: '20', completion_tokens: null, total_tokens: {} },
      }),
      { ...completed, usage: { inputTokens: undefined } },
    ],
    [
      'with usage that is not a count',
      json({ choices: [{}], usage: { prompt_tokens: -1, completion_tokens: 1.5 } }),
      { ...completed, usage: { inputTokens: undefined, outputTokens: undefined } },
    ],
    [
      'of unknown types',
      json({ id: 7, choices: [null, 7, { message: { content: [{ type: 'hologram' }], tool_calls: 'x' } }] }),
      completed,
    ],
    [
      'with an event of 5 MB',
      stream(
        first,
        sseText({ data: { choices: [{ delta: { content: 'x'.repeat(5 * MEBIBYTE) } }] } }),
        ...others,
      ),
      { ...completed, usage: { outputTokens: 10 } },
    ],
    [
      'with a comment of 5 MB',
      stream(first, `:${'x'.repeat(5 * MEBIBYTE)}\n\n`, ...others),
      { ...completed, usage: { outputTokens: 10 } },
    ],
    [
      'with invalid UTF-8',
      asStream(
        Buffer.concat([
          Buffer.from(`${first}data: {"choices":[{"delta":{"content":"`),
          Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82]),
          Buffer.from(`"}}]}\n\n${others.join('')}`),
        ]),
      ),
      { ...completed, usage: { outputTokens: 10 } },
    ],
    [
      'with events of unknown types',
      stream(
        first,
        sseText({ event: 'hologram', data: [7] }),
        'data\n\n',
        'data: null\n\n',
        'data: {"choices":7,"usage":"x"}\n\n',
        ...others,
      ),
      { ...completed, usage: { outputTokens: 10 } },
    ],
  ];

  test.each(ANSWERS)(
    '%s is a step with the remaining facts',
    async (_, reply, step) => {
      recording = await startRecording();
      recording.provider.reply(reply);
      await ask('{"model":"m","messages":[]}');
      expect(await recording.runs()).toMatchObject([{ steps: [{ model: 'm', ...step }] }]);
      expect(recording.handle.stats()).toMatchObject(NOTHING_HELD);
    },
    TIME_LIMIT_MILLIS,
  );

  test.each(ANSWERS)(
    '%s has the same outcome in errors mode',
    async (_, reply, step) => {
      recording = await startRecording({ capture: 'errors' });
      recording.provider.reply(reply);
      await ask('{"model":"m","messages":[]}');
      expect(await recording.runs()).toMatchObject(step === failed ? [failed] : []);
      expect(recording.handle.stats()).toMatchObject(NOTHING_HELD);
    },
    TIME_LIMIT_MILLIS,
  );
});

describe.each(['full', 'errors'] as const)('in %s', (capture) => {
  test(
    'a stream of 100,000 chunks of one byte is read correctly',
    async () => {
      recording = await startRecording({ capture });
      const delta = sseText({ data: { choices: [{ index: 0, delta: { content: 'word ' } }] } });
      const text = first + delta.repeat(Math.ceil(100_000 / delta.length)) + others.join('');
      const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
      const chunks = Array.from(text, (byte) => `1\r\n${byte}\r\n`).join('');
      const server = await rawReplies(`${head}${chunks}0\r\n\r\n`);
      try {
        expect(await ask('{"model":"m","messages":[]}', server.url)).toBe(text);
      } finally {
        await server.close();
      }
      const runs = await recording.runs();
      const attributes = { 'chatdebug.stream.chunks': text.length, 'chatdebug.stream.last_event': '[DONE]' };
      const step = { status: 'completed', usage: { outputTokens: 10 }, span: { attributes } };
      expect(runs).toMatchObject(capture === 'full' ? [{ steps: [step] }] : []);
      expect(runs).toHaveLength(capture === 'full' ? 1 : 0);
    },
    TIME_LIMIT_MILLIS,
  );
});
