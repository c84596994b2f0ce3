import OpenAI from 'openai';
import {
  attachClassification,
  type ChatDebugOptions,
  reuseStep,
  startRun,
  withRun,
  withStep,
} from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
let openai: OpenAI;

async function start(options: ChatDebugOptions = {}) {
  recording = await startRecording({ capture: undefined, ...options });
  openai = new OpenAI({
    apiKey: 'none',
    baseURL: `${recording.provider.url}/v1`,
    defaultQuery: { user: 'secret-person' },
    maxRetries: 0,
  });
}
afterEach(() => recording.stop());

const ask = async () => {
  await openai.chat.completions.create({
    model: 'm',
    messages: [{ role: 'user', content: 'PRIVATE words' }],
  });
};
const turn = (...replies: Reply[]) => {
  recording.provider.reply(...replies);
  return withRun({ chatId: 'c', ownerId: 'u', firstMessage: 'PRIVATE words' }, () =>
    withStep({ model: 'm' }, ask),
  ).catch(() => {});
};
const BROKEN = openaiError(500, null, 'server_error', 'Something broke');

test('a kept run is minimal: no header, body, query, usage or words', async () => {
  await start();
  await turn(BROKEN);
  await recording.stop();
  const [step, run] = recording.receiver.spans;
  expect(run?.attributes).toEqual({
    'chatdebug.run.kind': 'chat_turn',
    'chatdebug.run.id': expect.any(String),
    'chatdebug.capture': 'errors',
    'gen_ai.operation.name': 'invoke_workflow',
    'gen_ai.conversation.id': 'c',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'm',
    'user.id': 'u',
    'chatdebug.run.status': 'error',
    'chatdebug.run.step_count': 1,
    'chatdebug.run.has_error': true,
    'chatdebug.kept.represents': 1,
    'error.type': 'server_error',
    'chatdebug.error.fingerprint': expect.stringMatching(/^[0-9a-f]{16}$/),
    'chatdebug.error.kind': 'generic',
    'chatdebug.error.message': expect.any(String),
    'chatdebug.error.detail': 'Something broke',
    'chatdebug.error.retryable': true,
    'chatdebug.error.provider_status': 500,
    'chatdebug.error.exception_type': 'InternalServerError',
    'chatdebug.error.request_id': expect.any(String),
  });
  expect(step?.events.map(({ name }) => name)).toEqual(['chatdebug.attempt', 'exception']);
  expect(step?.events[0]?.attributes).toEqual({
    'chatdebug.attempt.number': 1,
    'chatdebug.attempt.status': 'failed',
    'http.request.method': 'POST',
    'url.path': '/v1/chat/completions',
    'server.address': '127.0.0.1',
    'server.port': expect.any(Number),
    'http.response.status_code': 500,
    'error.type': 'server_error',
    'chatdebug.attempt.duration_ms': expect.any(Number),
    'chatdebug.attempt.request_id': expect.any(String),
  });
  const sent = String(recording.receiver.bodies);
  for (const word of ['PRIVATE', 'secret-person', 'stainless']) expect(sent).not.toContain(word);
});

test('the failing step is delivered at once, the run at its end, healthy siblings never', async () => {
  await start();
  const run = startRun({ chatId: 'c' });
  await run.with(async () => {
    recording.provider.reply(completion('x'), BROKEN, completion('x'));
    await withStep({ model: 'healthy' }, ask);
    await withStep({ model: 'failing' }, ask).catch(() => {});
    await recording.receiver.waitForSpans(1);
    expect(recording.receiver.spans[0]).toMatchObject({
      name: 'chat failing',
      attributes: {
        'chatdebug.run.id': run.id,
        'chatdebug.run.kind': 'chat_turn',
        'gen_ai.conversation.id': 'c',
        'chatdebug.step.number': 2,
        'chatdebug.error.kind': 'generic',
      },
    });
    await withStep({ model: 'healthy too' }, ask);
  });
  run.end();
  expect(await recording.runs()).toMatchObject([
    {
      id: run.id,
      status: 'completed',
      hasError: true,
      stepCount: 3,
      error: { kind: 'generic' },
      steps: [{ number: 2 }],
    },
  ]);
});

test("retain: 'run' writes the other steps of a kept run too, including those before the failure", async () => {
  await start({ retain: 'run' });
  await turn(completion('x'));
  recording.provider.reply(completion('x'), BROKEN, completion('x'));
  await withRun({ runId: 'kept' }, async () => {
    await withStep({ model: '1' }, ask);
    await withRun({ kind: 'title_generation' }, () => {});
    await withStep({ model: '2' }, ask).catch(() => {});
    await withStep({ model: '3' }, ask);
  });
  expect(await recording.runs()).toMatchObject([
    {
      id: 'kept',
      steps: [
        { model: '1', status: 'completed' },
        { model: '2', status: 'error' },
        { model: '3', status: 'completed' },
      ],
      children: [{ kind: 'title_generation', status: 'completed' }],
    },
  ]);
});

test('keepKinds chooses other kinds', async () => {
  await start({ keepKinds: ['rate_limit', 'auth'] });
  await turn(BROKEN);
  await turn(openaiError(401, null, 'invalid_request_error', 'who'));
  await turn(openaiError(429, null, 'requests', 'slow down'));
  expect((await recording.runs()).map(({ error }) => error?.kind)).toEqual(['auth', 'rate_limit']);
});

test.each(['keepKinds', 'CHATDEBUG_KEEP_KINDS'])('%s accepts the earlier name of a kind', async (by) => {
  const isVariable = by !== 'keepKinds';
  if (isVariable) process.env[by] = 'startup_timeout';
  try {
    await start(isVariable ? {} : { keepKinds: ['startup_timeout'] });
  } finally {
    if (isVariable) delete process.env[by];
  }
  const silent = attachClassification(new Error('no token'), { kind: 'stream_silence_timeout' });
  await expect(withRun({ chatId: 'c' }, () => Promise.reject(silent))).rejects.toBe(silent);
  expect((await recording.runs()).map(({ error }) => error?.kind)).toEqual(['stream_silence_timeout']);
});

test("decide: 'collector' writes every run whole, at its end, with minimal content", async () => {
  await start({ decide: 'collector' });
  recording.provider.reply(completion('x'), BROKEN);
  const run = startRun({ firstMessage: 'PRIVATE' });
  await run.with(async () => {
    await withStep({ model: 'a' }, ask);
    await withRun({ kind: 'compaction' }, () => withStep({ model: 'b' }, ask)).catch(() => {});
  });
  await recording.handle.forceFlush();
  expect(recording.receiver.spans).toHaveLength(0);
  run.end();
  expect(await recording.runs()).toMatchObject([
    {
      status: 'completed',
      steps: [{ model: 'a' }],
      children: [{ kind: 'compaction', status: 'error', steps: [{ model: 'b' }] }],
    },
  ]);
  expect(String(recording.receiver.bodies)).not.toContain('PRIVATE');
});

test('a title that fails inside a turn is kept with its own kind, and so is the turn around it', async () => {
  await start();
  recording.provider.reply(BROKEN);
  await withRun({ chatId: 'c' }, () =>
    withRun({ kind: 'title_generation' }, () => withStep({}, ask)).catch(() => {}),
  );
  expect(await recording.runs()).toMatchObject([
    {
      kind: 'chat_turn',
      status: 'completed',
      children: [{ kind: 'title_generation', status: 'error', error: { kind: 'generic' } }],
    },
  ]);
});

test('a child that fails after its healthy parent ended has no missing parent', async () => {
  await start();
  let fail: (error: Error) => void = () => {};
  let title: Promise<unknown> | undefined;
  const outer = await withRun({}, async (run) => {
    title = withRun(
      { kind: 'title_generation' },
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    ).catch(() => {});
    return run;
  });
  await recording.handle.forceFlush();
  fail(new Error('late'));
  await title;
  expect(await recording.runs()).toMatchObject([
    { kind: 'title_generation', traceId: outer.traceId, span: { parentSpanId: undefined } },
  ]);
});

test('an unclassified failure followed by a success leaves nothing', async () => {
  await start();
  recording.provider.reply(BROKEN, completion('x'), BROKEN, completion('x'));
  await withRun({}, async () => {
    await reuseStep(async () => {
      await withStep({}, ask).catch(() => {});
      await withStep({}, ask);
    });
    const client = openai.withOptions({ maxRetries: 1 });
    await withStep({}, async () => {
      await client.chat.completions.create({ model: 'm', messages: [] });
    });
  });
  await recording.stop();
  expect(recording.receiver.bodies).toHaveLength(0);
});

test('an error takes precedence over an abort in the same tick', async () => {
  await start();
  const abort = new AbortController();
  const call = withRun({}, () =>
    withStep({}, async (step) => {
      step.fail(new Error('real'));
      abort.abort();
      abort.signal.throwIfAborted();
    }),
  );
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  expect(await recording.runs()).toMatchObject([
    { status: 'interrupted', steps: [{ error: { detail: 'real' } }] },
  ]);
});

test('capture per run, and by the application, which is called again for each step', async () => {
  const answers = ['errors', 'full'] as const;
  let asked = 0;
  await start({ captureFor: async () => answers[Math.min(asked++, 1)] ?? 'errors' });
  recording.provider.reply(completion('x'));
  await withRun({ runId: 'flipped' }, async () => {
    await withStep({ model: '1' }, ask);
    await withStep({ model: '2' }, ask);
  });
  await withRun({ runId: 'full', capture: 'full' }, () => withStep({ model: '3' }, ask));
  await withRun({ runId: 'errors', capture: 'errors' }, () => withStep({ model: '4' }, ask));
  const runs = await recording.runs();
  expect(runs.map(({ id, capture, steps }) => [id, capture, steps.map(({ model }) => model)])).toEqual([
    ['flipped', 'full', ['2']],
    ['full', 'full', ['3']],
  ]);
});

test('a run that fails by itself, without any step, is kept', async () => {
  await start();
  expect(() =>
    withRun({}, () => {
      throw new TypeError('x is not a function\n    at PRIVATE (words:1:1)');
    }),
  ).toThrow();
  const [run] = await recording.runs();
  expect(run).toMatchObject({ status: 'error', stepCount: 0, error: { kind: 'generic' } });
  const stack = run?.span?.events[0]?.attributes['exception.stacktrace'];
  expect(stack).toMatch(/^ {4}at .*errors-mode\.test\.ts/);
  expect(stack).not.toContain('PRIVATE');
});

test('a healthy stream leaves nothing', async () => {
  await start();
  recording.provider.reply(completionStream('a b c'));
  await withRun({}, () =>
    withStep({}, async () => {
      for await (const _ of await openai.chat.completions.create({ model: 'm', messages: [], stream: true }));
    }),
  );
  await recording.stop();
  expect(recording.receiver.bodies).toHaveLength(0);
});
