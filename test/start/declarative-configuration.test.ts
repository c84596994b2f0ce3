import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { program } from './support/program.js';

let endpoints: Endpoints;
let ofTheFile: OtlpReceiver;
let folder: string;
let file: string;
beforeEach(async () => {
  [endpoints, ofTheFile] = await Promise.all([startEndpoints(), startOtlpReceiver()]);
  folder = mkdtempSync(join(tmpdir(), 'chatdebug-'));
  file = join(folder, 'otel.yaml');
  writeFileSync(
    file,
    `file_format: "1.0"
tracer_provider:
  processors:
    - simple:
        exporter:
          otlp_http:
            endpoint: ${ofTheFile.url}/v1/traces
            encoding: json
`,
  );
});
afterEach(async () => {
  await Promise.all([endpoints.close(), ofTheFile.close()]);
  rmSync(folder, { recursive: true });
});

const start = (pipeline: 'own' | 'app', env: Readonly<Record<string, string | undefined>>) => {
  const body = `const { startNodeSDK } = await import('@opentelemetry/sdk-node');
    const instrumentation = new ChatDebugInstrumentation({ pipeline: '${pipeline}' });
    const sdk = startNodeSDK({ instrumentations: [instrumentation] });
    await turn('c');
    await instrumentation.forceFlush();
    await sdk.shutdown();`;
  return runNode(program(body), { env: { ...endpoints.env, OTEL_CONFIG_FILE: file, ...env } });
};
const chats = ({ spans }: OtlpReceiver) => buildTree(spans).map(({ chatId }) => chatId);

test("with pipeline: 'app' runs are exported as the file configures", async () => {
  const { code, stderr } = await start('app', {});
  expect([code, stderr]).toEqual([0, '']);
  expect([chats(ofTheFile), chats(endpoints.receiver)]).toEqual([['c'], []]);
});

test('the own pipeline ignores the file and uses its variables', async () => {
  const { code, stderr } = await start('own', {});
  expect([code, stderr]).toEqual([0, '']);
  expect([chats(ofTheFile), chats(endpoints.receiver)]).toEqual([[], ['c']]);
});

test('start-up warns if only the file names an endpoint', async () => {
  // Nothing is recorded, so nothing is sent to the default endpoint.
  const { stderr } = await start('own', {
    OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
    CHATDEBUG_CAPTURE: 'off',
  });
  expect(stderr).toContain(`Ignored OTEL_CONFIG_FILE "${file}": this package does not read it`);
});
