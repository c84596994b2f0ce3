import { type Capture, reuseStep, withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ capture: 'full' satisfies Capture });
});
afterEach(() => recording.stop());

/** Starts its work in `then`, as query builders do. */
class Lazy {
  readonly calls: [unknown, unknown][] = [];
  constructor(private readonly work: () => Promise<unknown>) {}
  // biome-ignore lint/suspicious/noThenProperty: the thenable under test
  then(onFulfilled?: (value: unknown) => unknown, onRejected?: (error: unknown) => unknown): unknown {
    this.calls.push([onFulfilled, onRejected]);
    return this.work().then(onFulfilled, onRejected);
  }
}

const inStep = <T>(call: () => T): T => withRun({}, () => withStep({}, call));
const statuses = async () =>
  (await recording.stop()).map(({ status, steps }) => [status, ...steps.map((step) => step.status)]);

test('a lazy thenable starts when the application awaits it, and once', async () => {
  let started = 0;
  const lazy = inStep(
    () =>
      new Lazy(async () => {
        started += 1;
        return 'value';
      }),
  );
  await recording.handle.forceFlush();
  expect([started, lazy.calls.length]).toEqual([0, 0]);
  expect(await lazy).toBe('value');
  expect([started, lazy.calls.length]).toEqual([1, 1]);
  expect(recording.handle.stats().liveRuns).toBe(0);
  expect(await statuses()).toEqual([['completed', 'completed']]);
});

test('the callbacks get the same values, and what they return or throw is passed on', async () => {
  const fails = () =>
    inStep(
      () =>
        new Lazy(async () => {
          throw 'rejected';
        }),
    );
  const succeeds = () => inStep(() => new Lazy(async () => 'value'));
  expect(await succeeds().then((value) => [value])).toEqual(['value']);
  expect(await fails().then(undefined, (error) => [error])).toEqual(['rejected']);
  await expect(fails().then(() => 'not called')).rejects.toBe('rejected');
  await expect(
    succeeds().then(() => {
      throw 'of the callback';
    }),
  ).rejects.toBe('of the callback');
});

test('each subscription is passed on, and the object has no own methods once it has settled', async () => {
  const lazy = inStep(() => new Lazy(async () => 'value'));
  const keys = Object.keys(lazy);
  expect(await Promise.all([lazy, lazy])).toEqual(['value', 'value']);
  expect(lazy.calls).toHaveLength(2);
  expect([keys, Object.getOwnPropertyNames(lazy)]).toEqual([
    ['work', 'calls'],
    ['work', 'calls'],
  ]);
  expect(await lazy).toBe('value');
});

test('a missing callback stays missing', async () => {
  const lazy = inStep(() => new Lazy(async () => 'value'));
  await lazy.then();
  expect(lazy.calls).toEqual([[undefined, expect.any(Function)]]);
});

test.each([
  ['frozen', (lazy: Lazy) => Object.freeze(lazy)],
  ['a Proxy', (lazy: Lazy) => new Proxy(lazy, { get: (target, name) => Reflect.get(target, name) })],
])('a thenable that is %s is not changed', async (_, make) => {
  const made = make(new Lazy(async () => 'value'));
  const returned = inStep(() => made);
  expect(Object.is(returned, made)).toBe(true);
  expect(Object.getOwnPropertyNames(returned)).not.toContain('then');
  expect(await returned).toBe('value');
  expect(await statuses()).toHaveLength(1);
});

test('a subclass of Promise keeps its methods, and its rejection is the error of the run', async () => {
  class Cancelable extends Promise<unknown> {
    cancel() {
      return 'cancelled';
    }
  }
  const error = new Error('broken');
  const promise = inStep(() => Cancelable.reject(error) as Cancelable);
  expect([promise.cancel(), promise.then(null, () => {})]).toEqual(['cancelled', expect.any(Cancelable)]);
  await expect(promise).rejects.toBe(error);
  expect(recording.handle.stats().liveRuns).toBe(0);
  expect(await statuses()).toEqual([['error', 'error']]);
});

test('one thenable that two runs return ends both', async () => {
  const lazy = new Lazy(async () => 'value');
  withRun({ chatId: 'one' }, () => lazy);
  withRun({ chatId: 'two' }, () => lazy);
  expect(recording.handle.stats().liveRuns).toBe(2);
  await lazy;
  expect(recording.handle.stats().liveRuns).toBe(0);
  expect(await statuses()).toEqual([['completed'], ['completed']]);
});

test('a thenable that settles later does not end the step of another call in reuseStep', async () => {
  let answer: (value: string) => void = () => {};
  const pending = new Promise<string>((resolve) => {
    answer = resolve;
  });
  await withRun({}, async () => {
    const [first, second] = reuseStep(() => [
      withStep({}, () => new Lazy(() => Promise.reject(new Error('first')))),
      withStep({}, () => new Lazy(() => pending)),
    ]);
    await Promise.resolve(first).catch(() => {});
    const last = Promise.resolve(second);
    answer('second');
    await last;
  });
  expect(await statuses()).toEqual([['completed', 'completed']]);
});

test('a run that two functions share ends when both thenables have settled', async () => {
  const join = () => withRun({ runId: 'shared' }, () => new Lazy(async () => 'value'));
  const [first, second] = [join(), join()];
  await first;
  expect(recording.handle.stats().liveRuns).toBe(1);
  await second;
  expect(recording.handle.stats().liveRuns).toBe(0);
});

test('a plain promise with own methods keeps them, and its rejection is seen by catch', async () => {
  const made = Object.assign(Promise.reject(new Error('broken')), { json: () => 'json' });
  const promise = inStep(() => made);
  expect([Object.is(promise, made), promise.json()]).toEqual([true, 'json']);
  await promise.catch(() => {});
  expect(await statuses()).toEqual([['error', 'error']]);
});

test('a thenable that nobody awaits is never started, and its run ends with the shutdown', async () => {
  const lazy = inStep(() => new Lazy(async () => 'value'));
  expect(await statuses()).toHaveLength(1);
  expect(lazy.calls).toEqual([]);
});
