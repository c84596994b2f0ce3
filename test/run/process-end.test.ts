import { startNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree } from '../support/tree.js';

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

/** A turn with a failed step and another in progress when the process ends as the line says. */
const program = (end: string) => `
import { withRun, withStep } from 'opentelemetry-instrumentation-chatdebug';
withRun({ chatId: 'c' }, async () => {
  await withStep({ model: 'failed' }, () => Promise.reject(new Error('unexpected'))).catch(() => {});
  await withStep({ model: 'under way' }, async () => {
    setImmediate(() => setImmediate(() => { console.log('ending'); ${end} }));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}).catch(() => {});
`;

const ENDS: readonly [way: string, end: string, code: number | null, signal: string | null][] = [
  ['process.exit', 'process.exit(3);', 3, null],
  ['an uncaught error', "throw new Error('uncaught');", 1, null],
  ['an unhandled rejection', "Promise.reject(new Error('unhandled'));", 1, null],
  ['SIGTERM', "process.kill(process.pid, 'SIGTERM');", null, 'SIGTERM'],
  ['SIGINT', "process.kill(process.pid, 'SIGINT');", null, 'SIGINT'],
  [
    "SIGTERM with a handler of the application's",
    "process.once('SIGTERM', () => process.exit(7)); process.kill(process.pid, 'SIGTERM');",
    7,
    null,
  ],
];

test.each(ENDS)(
  'a kept run is complete when the process ends by %s during it',
  async (_, end, code, signal) => {
    const child = startNode(
      { source: program(end), type: 'module' },
      {
        nodeOptions: ['--import', 'opentelemetry-instrumentation-chatdebug/register'],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      },
    );
    expect(await child.ended).toMatchObject({ code, signal, stdout: 'ending\n' });
    expect(buildTree(receiver.spans)).toMatchObject([
      {
        chatId: 'c',
        status: 'interrupted',
        hasError: true,
        error: { kind: 'generic' },
        steps: [{ model: 'failed', status: 'error' }],
      },
    ]);
  },
);
