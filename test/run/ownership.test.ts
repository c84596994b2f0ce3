import { DiagLogLevel, diag } from '@opentelemetry/api';
import { startRun, withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(async () => {
  await recording.stop();
  diag.disable();
});

/** The lines of the application's logger. */
function listen(): string[] {
  const said: string[] = [];
  const log = (...line: unknown[]) => void said.push(line.join(' '));
  const silent = () => {};
  diag.setLogger(
    { error: log, warn: log, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return said;
}

const post = (id: string) =>
  fetch(`${recording.provider.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ id }),
  }).then((response) => response.text());

test('two live runs of different owners with one runId are separate', async () => {
  recording = await startRecording();
  recording.provider.reply(completion('Hello.'));
  const said = listen();
  const first = startRun({ runId: 'same', ownerId: 'a' });
  const second = startRun({ runId: 'same', ownerId: 'b' });
  const third = startRun({ runId: 'same', ownerId: 'a' });
  await Promise.all([first.with(() => post('a')), second.with(() => post('b'))]);
  for (const run of [first, second, third]) run.end();
  const runs = await recording.stop();
  const owners = runs.map(({ id, span, steps }) => [id, span?.attributes['user.id'], steps.length]);
  expect(owners).toEqual(
    expect.arrayContaining([
      ['same', 'a', 1],
      [second.id, 'b', 1],
    ]),
  );
  expect([owners.length, second.id === 'same']).toEqual([2, false]);
  expect(said.join()).toContain('two live runs of different owners have the same runId');
});

test('attributes of the application decide nothing, and are copied when the run starts', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(completion('Hello.'), openaiError(400, null, 'invalid_request_error', 'Odd'));
  const said = listen();
  const steering = { 'chatdebug.capture': 'full', 'chatdebug.error.kind': 'generic', 'error.type': 'x' };
  await withRun({ chatId: 'healthy', attributes: steering }, () => post('a'));
  const attributes = { 'app.list': ['before'], 'app.text': 'before', 'chatdebug.capture': 'full' };
  await withRun({ chatId: 'failed', attributes }, async () => {
    attributes['app.list'].push('after');
    attributes['app.text'] = 'after';
    await post('b');
  });
  const [run, ...others] = await recording.stop();
  expect(others).toEqual([]);
  expect(run?.span?.attributes).toMatchObject({
    'gen_ai.conversation.id': 'failed',
    'chatdebug.capture': 'errors',
    'app.text': 'before',
  });
  expect(JSON.stringify(run?.span?.attributes)).not.toContain('after');
  expect(said.join()).toContain('Invalid run option attributes: names that begin with chatdebug.');
});

test('attributes that OpenTelemetry cannot represent are dropped', async () => {
  recording = await startRecording();
  const said = listen();
  const circular: Record<string, unknown> = { name: 'circular' };
  circular['self'] = circular;
  const bad = {
    circular,
    symbol: Symbol('s'),
    mixed: ['a', 1],
    big: 1n,
    '': 'no name',
    none: null,
    fn: () => 1,
  };
  const good = { text: 'a', number: 1.5, flag: false, texts: ['a', null, 'b'], empty: [], numbers: [1, 2] };
  withRun({ chatId: 'c', attributes: { ...bad, ...good } as never }, () => {});
  const [run] = await recording.stop();
  expect(run?.span?.attributes).toMatchObject({ text: 'a', number: 1.5, flag: false, numbers: [1, 2] });
  expect(Object.keys(run?.span?.attributes ?? {}).filter((name) => name in bad)).toEqual([]);
  expect(said.join()).toContain('Invalid run option attributes: expected strings, numbers, booleans');
});

test('a run with a request in flight is not idle', async () => {
  recording = await startRecording({ idleMillis: 500 });
  recording.provider.reply({ ...completion('Hello.'), delayMillis: 1_500 });
  await withRun({ chatId: 'slow' }, () => withStep({}, () => post('a')));
  expect(await recording.stop()).toMatchObject([{ chatId: 'slow', status: 'completed' }]);
  expect(recording.handle.stats().evicted.idle).toBe(0);
});

test('a finished generator ends its run without lingering', async () => {
  recording = await startRecording({ lingerMillis: 3_600_000 });
  recording.provider.reply(completion('Hello.'));
  async function* answers() {
    yield await post('a');
    yield await post('b');
  }
  for await (const _ of withRun({ chatId: 'c' }, answers));
  const spans = await recording.receiver.waitForSpans(3);
  expect(spans.map(({ attributes }) => attributes['chatdebug.run.status'])).toContain('completed');
});

test('a promise with own methods is returned unchanged', async () => {
  recording = await startRecording();
  recording.provider.reply(completion('Hello.'));
  const promise = () => Object.assign(post('a'), { json: async () => 'mine' });
  const given = withRun({ chatId: 'c' }, promise);
  expect(await given.json()).toBe('mine');
  expect(await given).toContain('Hello.');
  expect(await recording.stop()).toMatchObject([{ chatId: 'c', steps: [{ status: 'completed' }] }]);
});

test('a flush does not affect the waiting call of another request', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(openaiError(500, null, 'server_error', 'Broken'), completion('Hello.'));
  let failed = () => {};
  const hasFailed = new Promise<void>((resolve) => {
    failed = resolve;
  });
  let goOn = () => {};
  const flushed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const turn = withRun({ chatId: 'waits' }, async () => {
    await post('a');
    failed();
    await flushed;
    await post('a');
  });
  await hasFailed;
  await withRun({ chatId: 'flushes' }, () => recording.handle.forceFlush());
  await recording.handle.forceFlush();
  goOn();
  await turn;
  expect(await recording.stop()).toEqual([]);
});

describe('a run inside a run of another owner', () => {
  const inside = (outer: { ownerId: string; capture?: 'errors' | 'full' }) =>
    withRun({ runId: 'outer', ...outer }, () =>
      withRun({ runId: 'inner', ownerId: 'b', capture: 'errors' }, () => post('b')),
    );
  const odd = openaiError(400, null, 'invalid_request_error', 'Odd', { 'x-request-id': 'req-b' });

  test('its failure does not keep the outer run', async () => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(odd);
    await inside({ ownerId: 'a' });
    expect(await recording.stop()).toMatchObject([{ id: 'inner', steps: [{ status: 'error' }] }]);
    expect(recording.handle.stats().runs).toMatchObject({ started: 2, kept: 1, dropped: { no_evidence: 1 } });
  });

  test('its failure is not on the outer run', async () => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(odd);
    await inside({ ownerId: 'a', capture: 'full' });
    const [outer] = await recording.stop();
    expect(outer).toMatchObject({ id: 'outer', children: [{ id: 'inner' }] });
    expect(
      Object.keys(outer?.span?.attributes ?? {}).filter((name) => /error\.|fingerprint/.test(name)),
    ).toEqual([]);
  });
});

test('its failure does not write an outer run whose capture is off', async () => {
  recording = await startRecording({ captureFor: ({ chatId }) => (chatId === 'off' ? 'off' : 'errors') });
  recording.provider.reply(openaiError(400, null, 'invalid_request_error', 'Odd'));
  await withRun({ chatId: 'off' }, () => withRun({ chatId: 'title' }, () => post('b')));
  expect(await recording.stop()).toMatchObject([{ chatId: 'title', children: [] }]);
});
