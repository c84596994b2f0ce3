import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jaegerRuns } from '../../src/query/index.js';
import { startViewer } from '../../src/viewer/index.js';
import { startNode } from '../support/child.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { startProvider } from '../support/provider.js';

const MINUTE = 60_000;

/** Ends its first call, delivers it, and is killed during its second. */
const PROGRAM = `import OpenAI from 'openai';
  import { chatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';
  const openai = new OpenAI();
  await withRun({ chatId: 'c', runId: 'killed' }, async () => {
    await openai.chat.completions.create({ model: 'm', messages: [] });
    await chatDebug().forceFlush();
    for await (const _ of await openai.chat.completions.create({ model: 'm', messages: [], stream: true }));
  });`;

test('a run of a killed process is interrupted ten minutes after its last step', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-'));
  const provider = await startProvider();
  const viewer = await startViewer({ port: 0, store: join(folder, 'store.sqlite') });
  const clock = jest.spyOn(Date, 'now');
  try {
    provider.reply(completion('One.'), { ...completionStream('two three'), hangAfter: 1 });
    const child = startNode(
      { source: PROGRAM, type: 'module' },
      {
        nodeOptions: ['--import', 'opentelemetry-instrumentation-chatdebug/register'],
        env: {
          CHATDEBUG_CAPTURE: 'full',
          OTEL_EXPORTER_OTLP_ENDPOINT: viewer.url,
          OTEL_SERVICE_NAME: 's',
          OPENAI_API_KEY: 'none',
          OPENAI_BASE_URL: `${provider.url}/v1`,
        },
      },
    );
    // The first call was delivered by then.
    await provider.arrived(1);
    child.kill('SIGKILL');
    expect(await child.ended).toMatchObject({ signal: 'SIGKILL', stderr: '' });

    const runs = jaegerRuns({ endpoint: viewer.url, service: 's' });
    const killedAt = Date.now();
    const read = async (path: string) => (await fetch(`${viewer.url}/${path}`)).json() as Promise<unknown>;
    const statusesAfter = async (minutes: number) => {
      clock.mockReturnValue(killedAt + minutes * MINUTE);
      const [listed] = await runs.list('c');
      const fromJaeger = [listed?.status, (await runs.get('killed'))?.status];
      return [
        ...fromJaeger,
        (await runs.trace('killed'))?.run.status,
        await read('runs'),
        await read('runs/killed'),
      ];
    };
    const all = (status: string) => [
      ...[status, status, status],
      expect.objectContaining({ runs: [expect.objectContaining({ chatId: 'c', status })] }),
      expect.objectContaining({ run: expect.objectContaining({ status }) }),
    ];
    expect(await statusesAfter(9)).toEqual(all('in_progress'));
    expect(await statusesAfter(11)).toEqual(all('interrupted'));
    expect((await runs.get('killed'))?.steps).toMatchObject([{ number: 1, status: 'completed' }]);
  } finally {
    clock.mockRestore();
    await Promise.all([provider.close(), viewer.close()]);
    rmSync(folder, { recursive: true });
  }
});
