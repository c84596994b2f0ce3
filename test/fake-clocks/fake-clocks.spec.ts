import { installProject } from '../frameworks/installed-example.js';
import { runNode } from '../support/child.js';
import { completion } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';

/** The commands that run the tests of each project. */
const RUNNERS = {
  vitest: ['node_modules/vitest/vitest.mjs', 'run'],
  // The OTLP exporter loads node:http by a dynamic import, which jest supports with this option only.
  jest: ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'],
};
/** The faked functions: one test, and so one run, each. */
const FAKED: Readonly<Record<string, readonly string[]>> = {
  vitest: ['default', 'immediate', 'everything'],
  jest: ['default', 'not microtasks', 'legacy'],
};
const STEP = { status: 'completed', attempts: [{ status: 'completed', statusCode: 200 }] };

test.each(Object.entries(RUNNERS))(
  'with the fake timers of %s everything is recorded, with real times',
  async (name, argv) => {
    const { directory } = installProject(`test/fake-clocks/${name}`);
    const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
    try {
      provider.reply(completion('Hello.'));
      const startedAt = Date.now();
      const { code, stdout, stderr } = await runNode(argv, {
        cwd: directory,
        env: {
          PROVIDER_URL: provider.url,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_LOG_LEVEL: 'warn',
          NO_COLOR: '1',
        },
      });
      const endedAt = Date.now();
      expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
      // jest reports on standard error.
      expect(stdout + stderr).not.toMatch(/warn/i);
      const runs = buildTree(receiver.spans);
      expect(runs).toMatchObject(
        runs.map(() => ({ kind: 'chat_turn', status: 'completed', steps: [STEP, STEP] })),
      );
      expect(runs.map(({ chatId }) => chatId)).toEqual(FAKED[name]);
      for (const { startTimeUnixNano, endTimeUnixNano, events } of receiver.spans) {
        const times = [startTimeUnixNano, ...events.map(({ timeUnixNano }) => timeUnixNano), endTimeUnixNano];
        for (const time of times.map((nanos) => Number(nanos) / 1e6)) {
          expect(time).toBeGreaterThan(startedAt - 1_000);
          expect(time).toBeLessThan(endedAt + 1_000);
        }
      }
    } finally {
      await Promise.all([provider.close(), receiver.close()]);
    }
  },
);
