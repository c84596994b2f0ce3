import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type KeptRun, withRun } from '../../src/index.js';
import { startNode } from '../support/child.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { BROKEN, failingCalls, question } from './failing-calls.js';

const { start, ask, failing, attempts } = failingCalls();

describe('chosen by the application', () => {
  const hasContent = async () => (await attempts()).map(({ requestBody }) => requestBody !== undefined);

  test('by a function that gets the run and the error', async () => {
    const told: [KeptRun, unknown][] = [];
    const recording = await start({
      failureContent: (run, error) => {
        told.push([run, error]);
        return run.ownerId === 'u';
      },
    });
    await failing(BROKEN);
    recording.provider.reply(BROKEN);
    await withRun({ chatId: 'd', ownerId: 'other' }, () => ask()).catch(() => {});
    expect(await hasContent()).toEqual([true, false]);
    expect(told).toMatchObject([
      [
        { chatId: 'c', ownerId: 'u', runKind: 'chat_turn' },
        { kind: 'generic', statusCode: 500 },
      ],
      [{ chatId: 'd', ownerId: 'other' }, {}],
    ]);
  });

  test.each([
    ['that resolves to true later', () => Promise.resolve(true), true],
    ['that resolves to false later', () => Promise.resolve(false), false],
    ['that rejects', () => Promise.reject(new Error('no')), false],
    [
      'that throws',
      () => {
        throw new Error('no');
      },
      false,
    ],
    ['that returns something else', () => 'yes' as unknown as boolean, false],
  ])('by a function %s', async (_, failureContent, expected) => {
    const recording = await start({ failureContent });
    await failing(BROKEN);
    await recording.spans();
    expect(await hasContent()).toEqual([expected]);
  });

  test('by the result of onKeep, after consent of the user', async () => {
    let agree: (answer: unknown) => void = () => {};
    const asked: KeptRun[] = [];
    const recording = await start({
      failureContent: 'ask',
      onKeep: (run) => {
        asked.push(run);
        return new Promise((resolve) => {
          agree = resolve;
        });
      },
    });
    recording.provider.reply(BROKEN);
    await withRun({ chatId: 'c' }, async () => {
      await ask().catch(() => {});
      await ask('SECOND').catch(() => {});
    });
    await recording.spans();
    expect(asked).toHaveLength(1);
    expect(recording.receiver.spans.map(({ name }) => name)).toEqual(['invoke_workflow']);
    agree({ content: true });
    await new Promise(setImmediate);
    expect(await hasContent()).toEqual([true, true]);
  });

  test.each([[undefined], [{ content: false }], [true]])('onKeep returns %j: no content', async (answer) => {
    await start({ failureContent: 'ask', onKeep: () => answer });
    await failing(BROKEN);
    expect(await hasContent()).toEqual([false]);
  });

  test('content without a request is a warning for onKeep', async () => {
    const warnings: unknown[][] = [];
    const quiet = () => {};
    const warn = (...said: unknown[]) => void warnings.push(said);
    diag.setLogger({ error: quiet, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
    try {
      await start({ onKeep: () => ({ content: true }) });
      await failing(BROKEN);
      expect(await hasContent()).toEqual([false]);
      expect(String(warnings)).toContain("failureContent: 'ask'");
    } finally {
      diag.disable();
    }
  });

  test('shutdown does not wait for an answer', async () => {
    const recording = await start({ failureContent: () => new Promise<boolean>(() => {}) });
    await failing(BROKEN);
    await recording.spans();
    expect((await recording.stop())[0]?.steps).toMatchObject([{ attempts: [{ requestBody: undefined }] }]);
  });
});

test.each([
  ['process.exit(0);', 'exit'],
  ['', 'an empty event loop'],
])('a call that waits for an answer is written without content when the process ends: %s', async (end) => {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.reply(BROKEN);
  const source = `
    const { startChatDebug, withRun } = require('opentelemetry-instrumentation-chatdebug');
    startChatDebug({ failureContent: () => new Promise(() => setTimeout(() => { ${end} }, 1)) });
    withRun({ chatId: 'c' }, async () => {
      const body = JSON.stringify(${JSON.stringify(question('ASKED'))});
      await (await fetch('${provider.url}/v1/chat/completions', { method: 'POST', body })).text();
    });`;
  try {
    const child = startNode(
      { source, type: 'commonjs' },
      { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } },
    );
    expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
    expect(receiver.spans.map(({ name }) => name)).toContain('chat m');
    expect(JSON.stringify(receiver.spans.map(({ attributes }) => attributes))).not.toContain('ASKED');
  } finally {
    await Promise.all([provider.close(), receiver.close()]);
  }
});
