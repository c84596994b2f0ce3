import OpenAI from 'openai';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

/** Runs with everything that can be written: a response, a stream, failed attempts, an exception. */
async function exchange(options: ChatDebugOptions): Promise<readonly ReceivedSpan[]> {
  recording = await startRecording(options);
  const { provider } = recording;
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${provider.url}/v1`, maxRetries: 1 });
  const messages = [{ role: 'user' as const, content: 'a employee-17 question' }];
  const body = { model: 'm-1', messages, temperature: 0.5, stop: ['end'] };
  const failed = openaiError(500, null, 'server_error', 'Employee-17 broke it', { 'retry-after-ms': '1' });
  provider.reply(completion('an answer'), completionStream('a streamed answer'), failed, failed);
  const run = {
    chatId: 'chat-1',
    rootChatId: 'chat-0',
    parentChatId: 'chat-0',
    ownerId: 'user-1',
    provider: 'openai',
    model: 'm-1',
    modelConfigId: 'config-1',
    triggerMessageId: 'message-1',
    historyTipMessageId: 'message-2',
    firstMessage: 'employee-17 says hello',
    kind: 'my_kind',
    attributes: { 'app.text': 'employee-17', 'app.list': ['one', 'two'], 'app.number': 1 },
  };
  const ask = (step: 'generate' | 'stream') =>
    withStep({ operation: step, model: 'm-1' }, async () => {
      if (step === 'generate') return void (await openai.chat.completions.create(body));
      for await (const _ of await openai.chat.completions.create({ ...body, stream: true }));
    });
  await withRun(run, async () => {
    await ask('generate');
    await ask('stream');
    await withRun({ kind: 'title_generation' }, () => {});
    await ask('generate');
  }).catch(() => {});
  await recording.handle.forceFlush();
  // The redactors change every text, well-known values too.
  recording.receiver.problems.clear();
  await recording.stop();
  return recording.receiver.spans;
}

/** Every text of a span with its location. */
function* textsOf(span: ReceivedSpan): Generator<readonly [where: string, text: string]> {
  yield ['span.name', span.name];
  if (span.status.message) yield ['span.status', span.status.message];
  for (const { attributes } of [span, ...span.events]) {
    for (const [name, value] of Object.entries(attributes)) {
      for (const one of [value].flat()) if (typeof one === 'string') yield [name, one];
    }
  }
}

/** The package's own values, which a sampler may match. */
const OWN_WORDS = new Set([
  'chatdebug.attempt.status',
  'chatdebug.capture',
  'chatdebug.error.fingerprint',
  'chatdebug.error.kind',
  'chatdebug.run.status',
  'chatdebug.step.operation',
  'chatdebug.step.status',
  'gen_ai.operation.name',
]);

test.each(['full', 'errors'] as const)(
  'in %s capture every written value passes the redactor',
  async (capture) => {
    const spans = await exchange({ capture, redact: (value, where) => `<${where}>${value}` });
    const names = new Set<string>();
    for (const span of spans) {
      for (const [where, text] of textsOf(span)) {
        names.add(where);
        if (OWN_WORDS.has(where)) expect(text).not.toContain('<');
        else expect([where, text.includes(`<${where}>`)]).toEqual([where, true]);
      }
    }
    expect(spans.length).toBe(capture === 'full' ? 5 : 2);
    expect([...names]).toEqual(
      expect.arrayContaining(['span.name', 'span.status', 'exception.message', 'url.path']),
    );
    if (capture === 'full') {
      const inFull = ['chatdebug.attempt.request_body', 'http.response.header.x-request-id', 'app.list'];
      expect([...names]).toEqual(expect.arrayContaining(inFull));
    }
  },
);

test("the user's patterns are replaced everywhere", async () => {
  await exchange({ redactPatterns: [/employee-\d+/i] });
  const sent = String(recording.receiver.bodies);
  expect(sent).not.toMatch(/employee-17/i);
  expect(sent).toContain('[REDACTED] says hello');
});

test('a function that throws omits every value, and the runs arrive', async () => {
  const spans = await exchange({
    redact: () => {
      throw new Error('mine');
    },
  });
  expect(spans).toHaveLength(5);
  expect(new Set(spans.map(({ name }) => name))).toEqual(
    new Set(['invoke_workflow [REDACTED]', 'chat [REDACTED]']),
  );
  expect(String(recording.receiver.bodies)).not.toMatch(/employee|answer|hello/i);
});

test('redactExcept keeps values that are redacted for their name', async () => {
  const spans = await exchange({
    redactExcept: ['X-Stainless-Token', 'Authorization'],
    redactHeaders: ['accept'],
  });
  const attempt = spans.flatMap(({ events }) => events)[0]?.attributes;
  expect(attempt).toMatchObject({
    'http.request.header.accept': ['[REDACTED]'],
    'http.request.header.authorization': ['Bearer none'],
  });
});
