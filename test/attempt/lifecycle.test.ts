import { AsyncResource } from 'node:async_hooks';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type CaptureFor, startRun, withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { arrived, record } from './record.js';

let recording: Recording;
afterEach(async () => {
  await recording.stop();
  diag.disable();
});

const get = () => fetch(recording.provider.url).then((response) => response.text());

describe('a body that never ends', () => {
  beforeEach(async () => {
    recording = await startRecording();
    recording.provider.reply({ type: 'hang', when: 'in-body' });
  });

  test('is interrupted by shutdown, while the application continues to read', async () => {
    const { provider } = recording;
    const controller = new AbortController();
    const begun = deferred();
    const reading = withRun({}, () =>
      withStep({ operation: 'stream' }, async () => {
        const response = await fetch(provider.url, { signal: controller.signal });
        const reader = response.body?.getReader();
        await reader?.read();
        begun.resolve();
        return reader?.read();
      }),
    ).catch((error: unknown) => error);
    await begun.promise;
    await recording.handle.shutdown();
    const [run] = await recording.runs();
    expect(run).toMatchObject({ status: 'interrupted', hasError: false });
    expect(run?.steps).toMatchObject([
      { status: 'interrupted', attempts: [{ status: 'interrupted', statusCode: 200 }] },
    ]);
    expect(run?.steps[0]?.attempts[0]?.responseBody).toMatch(/^\{"id"/);
    controller.abort();
    expect(await reading).toMatchObject({ name: 'AbortError' });
  });

  test('an unread response: the step has what was known when it ended', async () => {
    const { attempt } = await record(recording, async () => (await fetch(recording.provider.url)).status);
    expect(attempt).toMatchObject({ status: 'interrupted', statusCode: 200 });
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test('a response that never begins is interrupted by shutdown, with the whole request', async () => {
  recording = await startRecording();
  const { provider } = recording;
  provider.reply({ type: 'hang', when: 'before-headers' });
  const controller = new AbortController();
  const asking = withRun({}, () =>
    withStep({}, () =>
      fetch(provider.url, { method: 'POST', body: 'q', headers: { 'x-a': '1' }, signal: controller.signal }),
    ),
  ).catch((error: unknown) => error);
  await provider.arrived();
  await recording.handle.shutdown();
  const [run] = await recording.runs();
  const [attempt] = run?.steps[0]?.attempts ?? [];
  expect(attempt).toMatchObject({ status: 'interrupted', statusCode: undefined, requestBody: 'q' });
  expect(attempt?.event.attributes).toMatchObject({ 'http.request.header.x-a': ['1'] });
  controller.abort();
  expect(await asking).toMatchObject({ name: 'AbortError' });
});

const notYours = () => {
  throw new Error('not yours');
};
const thenable = (then: PropertyDescriptor) => Object.defineProperty({}, 'then', then);

describe('a captureFor that fails', () => {
  const failures: [string, unknown][] = [
    [
      'throws',
      () => {
        throw new Error('my database');
      },
    ],
    ['rejects', () => Promise.reject(new Error('my database'))],
    ['gives nonsense', () => 'everything'],
    ['gives nothing', () => undefined],
    [
      'returns an object with a throwing getter',
      () =>
        Object.defineProperty({}, 'then', {
          get() {
            throw new Error('no');
          },
        }),
    ],
    ['returns a value that cannot be printed', () => Object.create(null)],
    ['returns a symbol', () => Symbol('full')],
    ['returns a promise of an invalid value', async () => ({ capture: 'full' })],
    ['never answers', () => new Promise(() => {})],
    ['returns an object without a prototype', () => Object.create(null)],
    ['returns an object whose getter throws', () => thenable({ get: notYours })],
    ['returns a thenable that throws', () => thenable({ value: async () => notYours() })],
  ];

  test.each(failures)('%s: the configured capture applies, and the chat continues', async (_, captureFor) => {
    recording = await startRecording({ captureFor: captureFor as CaptureFor });
    recording.provider.reply({ type: 'json', body: { ok: 1 } });
    const { outcome, run, attempt } = await record(recording, get);
    expect(outcome).toEqual({ value: '{"ok":1}' });
    expect([run.capture, attempt.status]).toEqual(['full', 'completed']);
  });

  test('is reported to diag, and a logger that throws has no effect', async () => {
    const told: unknown[] = [];
    const log = (...args: unknown[]) => {
      told.push(...args);
      throw new Error('the logger is broken');
    };
    diag.setLogger(
      { error: log, warn: log, info: () => {}, debug: () => {}, verbose: () => {} },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    recording = await startRecording({ captureFor: () => 1 as unknown as 'full' });
    recording.provider.reply({ type: 'json', body: {} });
    const { outcome } = await record(recording, get);
    expect(outcome).toEqual({ value: '{}' });
    expect(told.join(' ')).toContain(
      'captureFor returned a value of type number: expected errors, full or off',
    );
  });
});

describe('ends out of order', () => {
  beforeEach(async () => {
    recording = await startRecording();
    recording.provider.reply({ type: 'json', body: { ok: 1 } });
  });

  test('a run ended twice is one span, and later data is dropped', async () => {
    const run = startRun({});
    await run.with(() => withStep({}, get));
    run.end();
    run.end();
    run.fail(new Error('too late'));
    run.end();
    const runs = await recording.runs();
    expect(runs).toMatchObject([{ id: run.id, status: 'completed', stepCount: 1 }]);
    expect(recording.receiver.spans).toHaveLength(2);
  });

  test('a step that ends after its run: the run waits for it', async () => {
    const run = startRun({});
    const ended = deferred();
    const step = run.with(() =>
      withStep({}, async () => {
        await ended.promise;
        return get();
      }),
    );
    run.end();
    expect(await recording.runs()).toEqual([]);
    ended.resolve();
    expect(await step).toBe('{"ok":1}');
    expect(await recording.runs()).toMatchObject([
      { status: 'completed', stepCount: 1, steps: [{ status: 'completed' }] },
    ]);
    const [only] = await recording.runs();
    expect(only?.span && only.span.endTimeUnixNano >= (only.steps[0]?.span.endTimeUnixNano ?? 0n)).toBe(true);
  });

  test('a step that begins after its run is a linked run of its own', async () => {
    const run = startRun({ chatId: 'c1' });
    await run.with(() => withStep({}, get));
    run.end();
    await recording.runs();
    expect(await run.with(() => withStep({}, get))).toBe('{"ok":1}');
    const [first, second, ...more] = await recording.runs();
    expect(more).toEqual([]);
    expect(second?.id).not.toBe(first?.id);
    expect(second).toMatchObject({
      chatId: 'c1',
      status: 'completed',
      steps: [{ attempts: [{ status: 'completed' }] }],
    });
    expect(second?.span?.links).toMatchObject([{ spanId: first?.span?.spanId, traceId: first?.traceId }]);
  });

  test('a request that begins after its step belongs to no step', async () => {
    const late = await withRun({}, async () => {
      let after: (() => Promise<string>) | undefined;
      await withStep({}, async () => {
        await get();
        after = AsyncResource.bind(get);
      });
      return after?.();
    });
    expect(late).toBe('{"ok":1}');
    const [run] = await recording.runs();
    expect(run?.steps).toMatchObject([{ attemptCount: 1, status: 'completed' }]);
    expect(recording.provider.requests).toHaveLength(2);
  });

  test('handles can still be called after the end', async () => {
    const { id, step } = await withRun({}, (run) =>
      withStep({}, async (held) => {
        await get();
        return { id: run.id, step: held, run };
      }),
    );
    step.fail(new Error('too late'));
    step.interrupt();
    step.usage({ inputTokens: 1 });
    const { step: written } = await arrived(recording, id);
    expect(written).toMatchObject({ status: 'completed', error: undefined });
  });
});
