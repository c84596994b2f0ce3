import OpenAI from 'openai';
import { reuseStep, startRun, withRun, withStep } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
let openai: OpenAI;

beforeEach(async () => {
  recording = await startRecording();
  openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
});
afterEach(() => recording.stop());

const ask = async () => {
  await openai.chat.completions.create({ model: 'm', messages: [] });
};
const stream = () => openai.chat.completions.create({ model: 'm', messages: [], stream: true });
const onlyRun = async () => (await recording.runs())[0];

test('steps are numbered in the order of their opening, also in parallel', async () => {
  recording.provider.reply(completion('x'));
  const numbers: number[] = [];
  await withRun({ firstStepNumber: 5 }, () =>
    Promise.all(
      Array.from({ length: 20 }, () =>
        withStep({}, async (step) => {
          numbers.push(step.number);
          await ask();
        }),
      ),
    ),
  );
  const run = await onlyRun();
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 5));
  expect(run?.steps.map(({ number }) => number)).toEqual(numbers);
  expect(run?.steps.map(({ attempts }) => attempts.length)).toEqual(numbers.map(() => 1));
});

test('a later weaker result does not hide a stronger one, and an equal one replaces it', async () => {
  await withRun({}, () => {
    withStep({ model: 'error, then interrupted' }, (step) => {
      step.fail(new Error('real'));
      step.interrupt();
      step.complete();
      step.fail(new Error('too late'));
    });
    withStep({ model: 'told to have failed' }, (step) => step.fail(new Error('told')));
    const failing = withStep({ model: 'interrupted by a safety net' }, (step) => {
      step.fail(new Error('first'));
      step.fail(new Error('second'));
      step.interrupt();
      return Promise.reject(new DOMException('x', 'AbortError'));
    });
    return failing.catch(() => {});
  });
  const run = await onlyRun();
  expect(run?.steps).toMatchObject([
    { status: 'completed', error: undefined },
    { status: 'error', error: { detail: 'told' } },
    { status: 'error', error: { detail: 'second' } },
  ]);
});

test('a result after the end of the step is dropped', async () => {
  await withRun({}, () => {
    const step = withStep({}, (opened) => opened);
    step.fail(new Error('too late'));
    step.usage({ inputTokens: 1 });
  });
  expect((await onlyRun())?.steps).toMatchObject([{ status: 'completed', error: undefined, usage: {} }]);
});

test('the attempts of an SDK are one step, and success clears the error', async () => {
  recording.provider.reply(
    openaiError(503, 'overloaded', 'server_error', 'busy', { 'retry-after-ms': '1' }),
    completion('x'),
  );
  const client = openai.withOptions({ maxRetries: 2 });
  await withRun({}, () =>
    withStep({}, async () => {
      await client.chat.completions.create({ model: 'm', messages: [] });
    }),
  );
  const run = await onlyRun();
  expect(run).toMatchObject({ hasError: false, endpoint: 'POST /v1/chat/completions' });
  expect(run?.steps).toMatchObject([
    {
      status: 'completed',
      error: undefined,
      attemptCount: 2,
      attempts: [
        { number: 1, status: 'failed', statusCode: 503, retryAfterMillis: 1, errorType: 'overloaded' },
        { number: 2, status: 'completed', statusCode: 200 },
      ],
    },
  ]);
});

test('a nested step is part of the outer one', async () => {
  recording.provider.reply(completion('x'));
  await withRun({}, () =>
    withStep({ model: 'outer' }, async (outer) => {
      await withStep({ model: 'inner' }, async (inner) => {
        expect(inner.number).toBe(outer.number);
        await ask();
      });
      await withStep({}, () => Promise.reject(new Error('caught'))).catch(() => {});
    }),
  );
  expect((await onlyRun())?.steps).toMatchObject([{ model: 'outer', status: 'completed', attemptCount: 1 }]);
});

test('reuseStep makes one step of a retry loop', async () => {
  recording.provider.reply(openaiError(500, null, 'server_error', 'broke'), completion('x'));
  await withRun({}, async () => {
    await reuseStep(async () => {
      await withStep({ model: 'm' }, ask).catch(() => {});
      await withStep({ model: 'm' }, ask);
    });
    await withStep({ model: 'next' }, ask);
  });
  const run = await onlyRun();
  expect(run?.steps).toMatchObject([
    { number: 1, status: 'completed', error: undefined, attemptCount: 2 },
    { number: 2, model: 'next', attemptCount: 1 },
  ]);
});

test('under reuseStep, a step of another run is its own', async () => {
  await withRun({ runId: 'a' }, () =>
    reuseStep(() => {
      withStep({}, () => {});
      withRun({ runId: 'b' }, () => withStep({}, () => {}));
      withStep({}, () => {});
    }),
  );
  const run = await onlyRun();
  expect(run).toMatchObject({ id: 'a', stepCount: 1, children: [{ id: 'b', stepCount: 1 }] });
});

test('a step whose function returns a stream ends with the exchange', async () => {
  recording.provider.reply(completionStream(['a ', 'b ', 'c'], { delayMillis: 5 }));
  await withRun({}, async () => {
    const chunks = await withStep({ operation: 'stream' }, async () => await stream());
    for await (const _ of chunks);
  });
  const run = await onlyRun();
  expect(run).toMatchObject({ status: 'completed' });
  expect(run?.steps).toMatchObject([{ status: 'completed', attempts: [{ status: 'completed' }] }]);
  expect(run?.steps[0]?.attempts[0]?.responseBody).toContain('data: [DONE]');
});

test('a cut stream is the error of the step that returned it', async () => {
  recording.provider.reply(completionStream(['a ', 'b ', 'c'], { cutAfter: 2 }));
  const reading = withRun({}, async () => {
    const chunks = await withStep({ operation: 'stream' }, async () => await stream());
    for await (const _ of chunks);
  });
  await expect(reading).rejects.toThrow();
  const run = await onlyRun();
  expect(run).toMatchObject({ status: 'error', error: { kind: 'timeout' } });
  expect(run?.steps).toMatchObject([{ status: 'error', attempts: [{ status: 'failed' }] }]);
});

test("an SDK's own promise is returned unchanged, with working methods", async () => {
  recording.provider.reply(completion('x', { requestId: 'req_7' }));
  await withRun({}, async () => {
    const call = withStep({}, () => openai.chat.completions.create({ model: 'm', messages: [] }));
    const { request_id, data } = await call.withResponse();
    expect([request_id, data.choices[0]?.message.content]).toEqual(['req_7', 'x']);
  });
  expect((await onlyRun())?.steps).toMatchObject([{ status: 'completed', attemptCount: 1 }]);
});

test("an SDK's own promise with failing attempts is one step with all of them", async () => {
  recording.provider.reply(openaiError(500, null, 'server_error', 'broke', { 'retry-after-ms': '1' }));
  const client = openai.withOptions({ maxRetries: 1 });
  const call = withRun({}, async () => {
    await withStep({}, () => client.chat.completions.create({ model: 'm', messages: [] }));
  });
  await expect(call).rejects.toThrow();
  const run = await onlyRun();
  expect(run).toMatchObject({ status: 'error', steps: [{ status: 'error', attemptCount: 2 }] });
});

test('a step that begins after its run ended is in a linked run of its own', async () => {
  recording.provider.reply(completion('x'));
  const run = startRun({ chatId: 'c', kind: 'quickgen' });
  run.end();
  await run.with(() => withStep({}, ask));
  const [first, second] = await recording.runs();
  expect(first).toMatchObject({ id: run.id, stepCount: 0 });
  expect(second).toMatchObject({ kind: 'quickgen', chatId: 'c', stepCount: 1, status: 'completed' });
  expect(second?.span?.links).toMatchObject([{ traceId: first?.traceId, spanId: first?.span?.spanId }]);
  expect(second?.id).not.toBe(run.id);
});

test('an unfinished step keeps its ended run open', async () => {
  recording.provider.reply(completion('x'));
  const run = startRun({});
  const step = run.with(() => withStep({}, ask));
  run.end();
  await step;
  expect(await recording.runs()).toMatchObject([{ id: run.id, stepCount: 1, status: 'completed' }]);
});

test('outside a run, and inside one without capture, an explicit step only calls its function', async () => {
  recording.provider.reply(completion('x'));
  await withStep({}, async (step) => {
    expect(step.number).toBe(0);
    await ask();
  });
  await withRun({}, () => withRun({ capture: 'off' }, () => withStep({}, ask)));
  expect(await recording.runs()).toMatchObject([
    // Opened by the request alone.
    { stepCount: 1, children: [] },
    { steps: [], children: [], stepCount: 0 },
  ]);
});
