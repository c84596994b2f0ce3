import { context, trace } from '@opentelemetry/api';
import OpenAI from 'openai';
import { startRun, withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
let openai: OpenAI;

beforeEach(async () => {
  recording = await startRecording();
  openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
});
afterEach(() => recording.stop());

const ask = () => openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [] });

test('a run has its attributes and a summary of its steps', async () => {
  recording.provider.reply(completion('Hello.'));
  let traceId: string | undefined;
  await withRun(
    {
      kind: 'compaction',
      chatId: 'chat-1',
      rootChatId: 'chat-0',
      parentChatId: 'chat-00',
      ownerId: 'user-1',
      modelConfigId: 'config-1',
      triggerMessageId: 'message-1',
      historyTipMessageId: 'message-2',
      firstMessage: `  What\n\tis ${'x'.repeat(300)}`,
      provider: 'openai',
      model: 'gpt-4o-mini',
      runId: 'run-1',
      attributes: { 'app.region': 'eu', 'app.list': ['a', 'b'] },
    },
    async (run) => {
      traceId = run.traceId;
      expect(run.id).toBe('run-1');
      for (const tokens of [10, 32]) {
        await withStep({ operation: 'generate' }, async (step) => {
          await ask();
          step.usage({ inputTokens: tokens, outputTokens: 1, reasoningTokens: 2, cacheReadTokens: 3 });
        });
      }
    },
  );
  const spans = await recording.spans();
  const run = spans.find(({ name }) => name === 'invoke_workflow compaction');
  expect(run).toMatchObject({ traceId, parentSpanId: undefined, kind: 1, status: { code: 0 } });
  expect(run?.attributes).toEqual({
    'chatdebug.run.kind': 'compaction',
    'chatdebug.run.id': 'run-1',
    'chatdebug.capture': 'full',
    'gen_ai.operation.name': 'invoke_workflow',
    'gen_ai.workflow.name': 'compaction',
    'gen_ai.conversation.id': 'chat-1',
    'chatdebug.chat.root_id': 'chat-0',
    'chatdebug.chat.parent_id': 'chat-00',
    'user.id': 'user-1',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'chatdebug.model_config.id': 'config-1',
    'chatdebug.trigger_message.id': 'message-1',
    'chatdebug.history_tip_message.id': 'message-2',
    'chatdebug.run.first_message': `What is ${'x'.repeat(192)}`,
    'app.region': 'eu',
    'app.list': ['a', 'b'],
    'chatdebug.run.status': 'completed',
    'chatdebug.run.step_count': 2,
    'chatdebug.run.has_error': false,
    'chatdebug.run.endpoint': 'POST /v1/chat/completions',
    'gen_ai.usage.input_tokens': 42,
    'gen_ai.usage.output_tokens': 2,
    'gen_ai.usage.reasoning.output_tokens': 4,
    'gen_ai.usage.cache_read.input_tokens': 6,
  });
  const steps = spans.filter(({ name }) => name === 'chat gpt-4o-mini');
  expect(steps.map((step) => [step.parentSpanId, step.traceId, step.kind])).toEqual([
    [run?.spanId, traceId, 3],
    [run?.spanId, traceId, 3],
  ]);
  for (const step of steps) {
    expect(step.startTimeUnixNano).toBeGreaterThanOrEqual(run?.startTimeUnixNano ?? 0n);
    expect(step.endTimeUnixNano).toBeLessThanOrEqual(run?.endTimeUnixNano ?? 0n);
    expect(step.attributes).toMatchObject({
      'chatdebug.run.id': 'run-1',
      'chatdebug.run.kind': 'compaction',
      'gen_ai.conversation.id': 'chat-1',
      'server.address': '127.0.0.1',
    });
  }
});

test('the default kind is chat_turn, and unknown attributes are absent', async () => {
  withRun({}, () => 1);
  const [span] = await recording.spans();
  expect(span?.name).toBe('invoke_workflow');
  expect(Object.keys(span?.attributes ?? {}).sort()).toEqual([
    'chatdebug.capture',
    'chatdebug.run.has_error',
    'chatdebug.run.id',
    'chatdebug.run.kind',
    'chatdebug.run.status',
    'chatdebug.run.step_count',
    'gen_ai.operation.name',
  ]);
  expect(span?.attributes['chatdebug.run.id']).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
});

test("returns the function's result, and throws the same error", async () => {
  const thrown = new Error('mine');
  const result = { any: 'thing' };
  expect(withRun({}, () => result)).toBe(result);
  expect(await withRun({}, async () => result)).toBe(result);
  expect(() =>
    withRun({}, () => {
      throw thrown;
    }),
  ).toThrow(thrown);
  await expect(withRun({}, () => Promise.reject(thrown))).rejects.toBe(thrown);
  const statuses = (await recording.runs()).map(({ status }) => status);
  expect(statuses).toEqual(['completed', 'completed', 'error', 'error']);
});

test('the error of a run is on its span: kind, description, exception', async () => {
  recording.provider.reply(
    openaiError(500, null, 'server_error', 'Something broke, key sk-abcdefghijklmnopqrstuvwx'),
  );
  await expect(
    withRun({ chatId: 'c' }, () =>
      withStep({}, async () => {
        await ask();
      }),
    ),
  ).rejects.toThrow();
  const run = (await recording.spans()).find(({ name }) => name === 'invoke_workflow');
  expect(run?.status).toEqual({
    code: 2,
    message: expect.stringMatching(/^generic: .*Something broke, key \[REDACTED\]/),
  });
  expect(run?.attributes).toMatchObject({
    'chatdebug.run.status': 'error',
    'chatdebug.run.has_error': true,
    'chatdebug.error.kind': 'generic',
    'chatdebug.error.provider_status': 500,
    'error.type': 'server_error',
  });
  expect(run?.events).toEqual([
    {
      name: 'exception',
      timeUnixNano: run?.endTimeUnixNano,
      attributes: {
        'exception.type': 'InternalServerError',
        'exception.message': expect.stringContaining('Something broke'),
        'exception.stacktrace': expect.stringContaining('with-run.test.ts'),
      },
    },
  ]);
  expect(String(recording.receiver.bodies)).not.toContain('sk-abc');
});

test('a handled error leaves a completed run with has_error', async () => {
  recording.provider.reply(openaiError(500, null, 'server_error', 'broke'), completion('Rescued.'));
  await withRun({}, async () => {
    await withStep({ model: 'first' }, async () => {
      await ask();
    }).catch(() => {});
    await withStep({ model: 'fallback' }, async () => {
      await ask();
    });
  });
  const [run] = await recording.runs();
  expect(run).toMatchObject({
    status: 'completed',
    hasError: true,
    error: { kind: 'generic', type: undefined },
  });
  expect(run?.span?.status).toEqual({ code: 0 });
  expect(run?.steps.map(({ model, status }) => [model, status])).toEqual([
    ['first', 'error'],
    ['fallback', 'completed'],
  ]);
});

test('an abort by the caller is an interruption, not an error', async () => {
  recording.provider.reply({ type: 'hang', when: 'before-headers' });
  const abort = new AbortController();
  const call = withRun({}, () =>
    withStep({}, async () => {
      const pending = openai.chat.completions.create({ model: 'm', messages: [] }, { signal: abort.signal });
      await pending;
    }),
  );
  await recording.provider.arrived();
  abort.abort();
  await expect(call).rejects.toThrow();
  const [run] = await recording.runs();
  expect(run).toMatchObject({ status: 'interrupted', hasError: false });
  expect(run?.steps[0]).toMatchObject({ status: 'interrupted' });
  expect(run?.steps[0]?.attempts).toMatchObject([{ status: 'interrupted', statusCode: undefined }]);
  expect(run?.span?.status).toEqual({ code: 0 });
});

test('a nested run is a child in the same trace', async () => {
  await withRun({ chatId: 'c' }, async (outer) => {
    await withRun({ kind: 'title_generation', chatId: 'c' }, async (inner) => {
      expect(inner.traceId).toBe(outer.traceId);
    });
  });
  const [run] = await recording.runs();
  expect(run).toMatchObject({ kind: 'chat_turn', children: [{ kind: 'title_generation' }] });
});

test('a child that outlives its parent is still below it', async () => {
  let title: Promise<void> | undefined;
  let finish: () => void = () => {};
  await withRun({}, async () => {
    title = withRun(
      { kind: 'title_generation' },
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
  });
  await recording.spans();
  finish();
  await title;
  const [run] = await recording.runs();
  expect(run?.children).toMatchObject([{ kind: 'title_generation', status: 'completed' }]);
});

test('the run is never the active span of the application', () => {
  withRun({}, () => expect(trace.getSpan(context.active())).toBeUndefined());
});

test('two live runs with one id are one run, which ends with the last', async () => {
  recording.provider.reply(completion('x'));
  const first = startRun({ runId: 'shared', chatId: 'c' });
  await first.with(() =>
    withStep({}, async () => {
      await ask();
    }),
  );
  await withRun({ runId: 'shared' }, () =>
    withStep({}, async () => {
      await ask();
    }),
  );
  expect((await recording.runs()).map(({ span }) => span)).toEqual([undefined]);
  first.end();
  const [run] = await recording.runs();
  expect(run).toMatchObject({ id: 'shared', chatId: 'c', stepCount: 2, status: 'completed' });
  expect(run?.steps.map(({ number }) => number)).toEqual([1, 2]);
});

test('startRun: explicit fail and end, of which a second end and a late fail do nothing', async () => {
  const run = startRun({ chatId: 'c' });
  run.fail(new Error('first'));
  run.end();
  run.end();
  run.fail(new Error('late'));
  const [tree] = await recording.runs();
  expect(tree).toMatchObject({ status: 'error', error: { detail: 'first' } });
  expect(recording.receiver.spans).toHaveLength(1);
});

test('an invalid value is ignored, and the run continues', async () => {
  const wrong = { kind: 7, chatId: { id: 1 }, firstStepNumber: -1, capture: 'everything', model: 'kept' };
  withRun(wrong as never, () => {});
  withRun(undefined as never, () => {});
  const runs = await recording.runs();
  expect(runs.map(({ kind, chatId, model }) => [kind, chatId, model])).toEqual([
    ['chat_turn', undefined, 'kept'],
    ['chat_turn', undefined, undefined],
  ]);
});
