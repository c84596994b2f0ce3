import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type ChatDebugOptions, type KeptRun, type OnKeep, withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());
const start = async (onKeep: OnKeep, options: ChatDebugOptions = {}) => {
  recording = await startRecording({ capture: undefined, onKeep, ...options });
};

const fail = (error: unknown = new Error('broke')) =>
  withStep({ provider: 'openai' }, async () => {
    throw error;
  }).catch(() => {});

test('is called once for each failing run, at the first evidence, long before the run ends', async () => {
  const told: KeptRun[] = [];
  let tell: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await start((run) => {
    told.push(run);
    tell();
  });
  await withRun({ chatId: 'healthy' }, () => withStep({}, () => {}));
  let id = '';
  let traceId: string | undefined;
  await withRun({ chatId: 'c' }, async (run) => {
    ({ id, traceId } = run);
    await withRun({ kind: 'compaction' }, async (inner) => {
      await fail();
      await first;
      expect(told).toEqual([
        {
          chatId: 'c',
          runId: inner.id,
          traceId,
          runKind: 'compaction',
          error: expect.objectContaining({ kind: 'generic', detail: 'broke', provider: 'openai' }),
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
          kept: true,
        },
      ]);
    });
    await fail(new Error('another'));
  });
  expect(await recording.runs()).toMatchObject([{ id, traceId, children: [{ kind: 'compaction' }] }]);
  expect(told).toHaveLength(1);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('onKeep is broken');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('onKeep is broken');
    },
  ],
  [
    'returns a thenable that throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: this is what it is about.
      then: () => {
        throw new Error('onKeep is broken');
      },
    }),
  ],
  ['hangs', () => new Promise<void>(() => {})],
])('one that %s costs a warning at most', async (what, onKeep) => {
  const warnings: unknown[][] = [];
  const quiet = () => {};
  const warn = (...said: unknown[]) => void warnings.push(said);
  diag.setLogger({ error: quiet, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
  try {
    await start(onKeep);
    await withRun({ chatId: what }, () => fail());
    expect(await recording.runs()).toMatchObject([{ chatId: what, steps: [{ status: 'error' }] }]);
    expect(
      warnings
        .flat()
        .map(String)
        .filter((said) => said.includes('records nothing')),
    ).toEqual([]);
  } finally {
    diag.disable();
  }
});

test.each(['full', 'errors'] as const)(
  'is called in %s capture, and if a Collector decides',
  async (capture) => {
    const told: KeptRun[] = [];
    await start((run) => told.push(run), { capture, decide: 'collector' });
    await withRun({ chatId: 'c' }, () => fail());
    await recording.spans();
    expect(told).toMatchObject([{ chatId: 'c', kept: true }]);
  },
);
