import { runNode } from '../support/child.js';
import { completionStream } from '../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { chatdebug, scratchFolder } from './support.js';

const files = scratchFolder();
afterAll(files.remove);

/** Exits at the first piece of a stream. */
const PROGRAM = `
  const OpenAI = require('openai');
  new OpenAI({ maxRetries: 0 }).chat.completions
    .create({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hello?' }] })
    .then(async (stream) => { for await (const _ of stream) process.exit(3); });
`;
const STARTED = ['--import', 'opentelemetry-instrumentation-chatdebug/register', '-e', PROGRAM];

function recorded({ spans }: OtlpReceiver) {
  const [run] = buildTree(spans);
  const [step] = run?.steps ?? [];
  return {
    run: run?.status,
    step: step?.status,
    attempts: step?.attempts.map(({ statusCode, status }) => [statusCode, status]),
  };
}

test('the replay of a process that ended inside a stream ends there again', async () => {
  const provider = await startProvider();
  const [before, after] = [await startOtlpReceiver(), await startOtlpReceiver()];
  const env = (receiver: OtlpReceiver) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    CHATDEBUG_CAPTURE: 'full',
    OPENAI_API_KEY: 'none',
  });
  provider.reply({ ...completionStream('one two three'), hangAfter: 4 });
  const first = await runNode(STARTED, { env: { ...env(before), OPENAI_BASE_URL: `${provider.url}/v1` } });
  const traces = files.write('traces.jsonl', before.bodies.map(String).join('\n'));
  const path = `${files.folder}/case.json`;
  expect(await chatdebug(['case', traces, '-o', path])).toMatchObject({ code: 0 });
  const second = await chatdebug(['replay', path, '--', process.execPath, ...STARTED], { env: env(after) });
  const check = await chatdebug(['replay', path, '--check']);
  await Promise.all([provider.close(), before.close(), after.close()]);
  expect([first.code, second.code, check.code]).toEqual([3, 3, 0]);
  expect(recorded(before)).toEqual({
    run: 'interrupted',
    step: 'interrupted',
    attempts: [[200, 'interrupted']],
  });
  expect(recorded(after)).toEqual(recorded(before));
});
