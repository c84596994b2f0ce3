import { type KeptRun, startRun, withRun, withStep } from '../../src/index.js';
import { number, text } from '../support/attributes.js';
import { openaiError } from '../support/openai-replies.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const ERRORS = ['tide', 'boat', 'wind', 'sail', 'rope'].map((word) => `The ${word} is gone`);

const isRun = (span: ReceivedSpan) => text(span, 'chatdebug.run.status') !== undefined;
const isStep = (span: ReceivedSpan) => number(span, 'chatdebug.step.number') !== undefined;
const represented = (spans: readonly ReceivedSpan[]) =>
  spans.reduce((sum, span) => sum + (number(span, 'chatdebug.kept.represents') ?? 0), 0);
const fail = (chatId: string, message: string) =>
  withRun({ chatId }, () =>
    withStep({ model: 'm' }, async () => {
      throw new Error(message);
    }),
  ).catch(() => {});

test('10,000 failing turns of 5 fingerprints: few are sent, some of each, and they represent all', async () => {
  const told: KeptRun[] = [];
  recording = await startRecording({ capture: undefined, onKeep: (run) => told.push(run) });
  const turns = Array.from({ length: 10_000 }, (_, index) => ERRORS[index % 5] ?? '');
  for (let from = 0; from < turns.length; from += 500) {
    await Promise.all(
      turns.slice(from, from + 500).map((message, index) => fail(`chat-${from + index}`, message)),
    );
  }
  const spans = await recording.spans();
  const runs = spans.filter(isRun);
  // 30 each, and at most 4 beyond them. Twice that if a minute ends in between.
  expect(runs.length).toBeLessThanOrEqual(2 * 5 * 34);
  expect(recording.receiver.bodies.reduce((sum, body) => sum + body.length, 0)).toBeLessThan(3_000_000);
  const fingerprints = new Set(runs.map((span) => text(span, 'chatdebug.error.fingerprint')));
  expect(fingerprints.size).toBe(5);

  const stats = recording.handle.stats();
  expect(represented(runs) + stats.keptBudget.unrepresented).toBe(10_000);
  expect(represented(spans.filter(isStep))).toBe(represented(runs));
  expect(stats).toMatchObject({
    runs: {
      started: 10_000,
      undecided: 0,
      kept: runs.length,
      dropped: { budget: 10_000 - runs.length },
      lost: {},
    },
    keptBudget: { fingerprints: 5, forgotten: 0 },
    delivery: { lost: {} },
  });
  expect(told).toHaveLength(10_000);
  expect(told.filter(({ kept }) => kept)).toHaveLength(runs.length);
  expect(new Set(told.map(({ chatId }) => chatId)).size).toBe(10_000);
  const ids = new Set(runs.map((span) => text(span, 'chatdebug.run.id')));
  expect(told.filter(({ runId, kept }) => kept !== ids.has(runId))).toEqual([]);
});

test('a new error in a run beyond the budget is kept and not counted again', async () => {
  recording = await startRecording({ capture: undefined, keepPerFingerprint: 1 });
  await fail('first', 'The tide is gone');
  await fail('second', 'The tide is gone');
  const step = (message: string) =>
    withStep({ model: message }, async () => {
      throw new Error(message);
    }).catch(() => {});
  await withRun({ chatId: 'third' }, async () => {
    await step('The tide is gone');
    await step('Something new');
    await step('The tide is gone');
  });
  const spans = await recording.spans();
  const of = (chat: string, filter: typeof isRun) =>
    spans.filter((span) => filter(span) && text(span, 'gen_ai.conversation.id') === chat);
  expect(of('second', () => true)).toEqual([]);
  expect(of('third', isRun).map((run) => number(run, 'chatdebug.kept.represents'))).toEqual([0]);
  expect(of('third', isStep).map(({ name }) => name)).toEqual([
    'chat Something new',
    'chat The tide is gone',
  ]);
  expect(represented(spans.filter(isRun)) + recording.handle.stats().keptBudget.unrepresented).toBe(3);
});

test('nested runs share the decision, also with retain: run', async () => {
  recording = await startRecording({ capture: undefined, keepPerFingerprint: 1, retain: 'run' });
  const turn = (chatId: string) =>
    withRun({ chatId }, async () => {
      await withStep({ model: 'healthy' }, () => {});
      await withRun({ kind: 'title_generation' }, () => fail('inner', 'The tide is gone'));
      await withStep({ model: 'healthy too' }, () => {});
    });
  await turn('kept');
  await turn('left out');
  const runs = await recording.runs();
  expect(runs).toMatchObject([{ chatId: 'kept', steps: [{ model: 'healthy' }, { model: 'healthy too' }] }]);
  expect(recording.handle.stats()).toMatchObject({
    runs: { started: 6, undecided: 0, kept: 3, dropped: { budget: 3 } },
    keptBudget: { unrepresented: 1 },
  });
});

test('full capture and a deciding Collector have no budget', async () => {
  recording = await startRecording({ keepPerFingerprint: 1 });
  for (const chat of ['a', 'b', 'c']) await fail(chat, 'The tide is gone');
  const spans = await recording.spans();
  expect(spans.filter(isRun)).toHaveLength(3);
  expect(represented(spans)).toBe(0);
  expect(recording.handle.stats().keptBudget.unrepresented).toBe(0);
});

test('runs without an end, dropped runs and runs switched off are each counted once', async () => {
  let capture: 'errors' | 'off' = 'errors';
  recording = await startRecording({ capture: undefined, maxRuns: 3, captureFor: () => capture });
  const left = Array.from({ length: 5 }, (_, index) => startRun({ runId: `left-${index}` }));
  await fail('failed', 'The tide is gone');
  capture = 'off';
  await withRun({}, () => withStep({}, () => {}));
  left[4]?.end();
  await recording.spans();
  const { handle } = recording;
  expect(handle.stats().runs).toEqual({
    started: 7,
    undecided: 4,
    kept: 1,
    dropped: { off: 1, no_evidence: 1 },
    lost: {},
  });
  await recording.stop();
  left[0]?.end();
  const { started, undecided, kept, dropped, lost } = handle.stats().runs;
  const all = [kept, ...Object.values(dropped), ...Object.values(lost)].reduce((sum, one) => sum + one, 0);
  expect([undecided, all]).toEqual([0, started]);
  expect(lost.max_runs).toBeGreaterThan(0);
});

test('the fingerprint is the same on the step and its run, and combines texts of SDK and response', async () => {
  recording = await startRecording({ capture: undefined });
  recording.provider.route(({ path }) =>
    openaiError(500, null, 'server_error', `Request req_${path.length}${Date.now()} broke`),
  );
  const call = async (path: string) => {
    await fetch(`${recording.provider.url}/${path}/v1/chat/completions`, { method: 'POST', body: '{}' });
    throw new TypeError('gave up');
  };
  for (const path of ['a', 'bb']) await withRun({}, () => call(path)).catch(() => {});
  const spans = await recording.spans();
  expect(spans).toHaveLength(4);
  expect(new Set(spans.map((span) => text(span, 'chatdebug.error.fingerprint'))).size).toBe(1);
});
