import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startNode } from '../support/child.js';
import type { ReceivedSpan } from '../support/otlp-json.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { folderWithPackage } from './installed-package.js';
import { codeBlocks, read } from './pages.js';

const page = read('docs/failure-to-test.md');
const { name, bin } = JSON.parse(read('package.json'));
const commands = codeBlocks('sh', page);
const [chat, provider] = codeBlocks('js', page);
const [record = '', makeCase = '', replay = '', check = '', minimise = ''] = commands;
const [smallest = ''] = codeBlocks('json', page);

let folder: string;
let remove: () => void;
let receiver: OtlpReceiver;
let jaeger: ScriptedProvider;
beforeAll(async () => {
  ({ folder, remove } = folderWithPackage(['openai']));
  // The link that `npm install` makes for `npx`.
  chmodSync(join(folder, 'node_modules', name, bin[name]), 0o755);
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync(join('..', name, bin[name]), join(folder, 'node_modules', '.bin', name));
  receiver = await startOtlpReceiver();
  jaeger = await startProvider();
  jaeger.route(({ path }) => {
    if (path === '/api/services') return { type: 'json', body: { data: ['my-chat'] } };
    return { type: 'json', body: { data: [{ spans: receiver.spans.map(jaegerSpan) }] } };
  });
});
afterAll(async () => {
  remove();
  await receiver.close();
  await jaeger.close();
});

test('it has only the commands and programs that are tested below', () => {
  expect(commands).toHaveLength(5);
  expect(codeBlocks('js', page)).toHaveLength(2);
});

test('the page, from the failure to the smallest request', async () => {
  // Any free port: 8080 may be in use.
  write('provider.mjs', provider?.replace('8080', '0'));
  const standIn = startNode(['provider.mjs'], { cwd: folder });
  const url = await standIn.line('http://');
  write('chat.mjs', chat);

  const failed = await shell(record.replace('http://localhost:8080/v1', url));
  expect(failed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^BadRequestError: 400 Invalid parameter: /),
  });
  const [run] = buildTree(receiver.spans);

  const made = await shell(
    makeCase.replace('RUN_ID', String(run?.id)).replace('jaeger', `jaeger --url ${jaeger.url}`),
  );
  expect(made).toMatchObject({ code: 0 });
  expect(made.stderr).toContain('failure.json: error (generic): 400 failed');
  const written = JSON.parse(readFileSync(join(folder, 'failure.json'), 'utf8'));
  expect(written).toMatchObject({ version: 1, id: run?.id, request: { body: { messages: { length: 6 } } } });
  expect(written.synthesised).toBeUndefined();

  const seen = await shell(`export OPENAI_API_KEY=none\n${replay}`);
  expect([seen.code, seen.stdout]).toEqual([0, failed.stdout]);
  expect(seen.stderr).toContain('POST /v1/chat/completions  attempt 1: 400, clean');

  expect(await shell(check)).toMatchObject({
    code: 0,
    stdout: 'failure.json: recorded as expected: error (generic): 400 failed\n',
  });

  const minimised = await shell(minimise.replace('http://localhost:8080/v1', url));
  expect([minimised.code, minimised.stdout]).toEqual([0, smallest]);
  standIn.kill();
  await standIn.ended;
});

/** The span as Jaeger's API returns it. */
function jaegerSpan(span: ReceivedSpan) {
  const tags = (attributes: Record<string, unknown>) =>
    Object.entries(attributes).map(([key, value]) => ({
      key,
      value: Array.isArray(value) ? JSON.stringify(value) : value,
    }));
  return {
    traceID: span.traceId,
    spanID: span.spanId,
    operationName: span.name,
    startTime: Number(span.startTimeUnixNano / 1_000n),
    duration: Number((span.endTimeUnixNano - span.startTimeUnixNano) / 1_000n),
    tags: tags(span.attributes),
    logs: span.events.map((event) => ({
      timestamp: Number(event.timeUnixNano / 1_000n),
      fields: tags({ event: event.name, ...event.attributes }),
    })),
  };
}

function write(file: string, source: string | undefined): void {
  expect(source).toMatch(new RegExp(`^// ${file}\\b`));
  writeFileSync(join(folder, file), source ?? '');
}

/** Runs the lines in a shell in the folder. */
async function shell(lines: string) {
  const env = {
    PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
    HOME: process.env['HOME'],
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  };
  const child = spawn('sh', ['-c', lines], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}
