import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startNode } from '../support/child.js';
import { completion } from '../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { folderWithPackage } from './installed-package.js';
import { codeBlocks, read } from './pages.js';

const page = read('docs/quick-start.md');
const { name, bin } = JSON.parse(read('package.json'));
const commands = codeBlocks('sh', page);
const [firstChat, provider, namedChat] = codeBlocks('js', page);
const [install = '', view, withFlag, again, docker, forJaeger, withKey, full] = commands;

let folder: string;
let remove: () => void;
let receiver: OtlpReceiver;
beforeAll(async () => {
  ({ folder, remove } = folderWithPackage(['openai']));
  receiver = await startOtlpReceiver();
});
/** Ends the children of a test that has failed. */
const gone = new AbortController();
afterAll(async () => {
  gone.abort();
  remove();
  await receiver.close();
});

test('it has only the commands and programs that are tested below', () => {
  expect(commands).toHaveLength(8);
  expect(codeBlocks('js', page)).toHaveLength(3);
  expect(view).toBe(`npx ${name} view\n`);
  expect(docker).toContain('docker run');
});

test('it installs the peer dependencies', () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(read('package.json'));
  expect(install.split('\n').at(-2)).toBe(`npm install openai ${name} @opentelemetry/api`);
  const required = Object.entries(peerDependencies).filter(([peer]) => !peerDependenciesMeta[peer]?.optional);
  expect(required).toEqual([['@opentelemetry/api', '>=1.9.0 <2']]);
});

test('the failing call is in the viewer, first without a chat id and then with it, and then in Jaeger', async () => {
  // Any free ports: 4318 and 8080 may be in use.
  const viewer = startNode([join('node_modules', name, bin[name]), 'view', '--port', '0'], {
    cwd: folder,
    env: { HOME: folder },
    signal: gone.signal,
  });
  const viewed = (await viewer.line('OTEL_EXPORTER_OTLP_ENDPOINT=')).split('=')[1] ?? '';
  write('provider.mjs', provider?.replace('8080', '0'));
  const standIn = startNode(['provider.mjs'], { cwd: folder, signal: gone.signal });
  const url = await standIn.line('http://');
  const failing = (block: string | undefined) => block?.replace('http://localhost:8080/v1', url);
  const withNext = (block: string | undefined) => failing(`${withFlag}${block}`)?.replace(/^node .*\n/m, '');

  write('chat.mjs', firstChat);
  const first = await shell(failing(withFlag), viewed);
  const attempt = { statusCode: 500, requestId: 'req_1' };
  const error = { kind: 'generic', detail: 'The server had an error' };
  const [run] = await listed(viewed, '');
  expect(run).toMatchObject({ kind: 'chat_turn', status: 'error', error });
  const { spans } = (await (await fetch(`${viewed}/runs/${run?.id}`)).json()) as { spans: unknown[] };
  const shape = { 'chatdebug.request.shape': expect.any(String) };
  expect(spans).toContainEqual(
    expect.objectContaining({ name: 'chat gpt-4o-mini', attributes: expect.objectContaining(shape) }),
  );

  write('chat.mjs', namedChat);
  const second = await shell(withNext(again), viewed);
  expect(await listed(viewed, '?chat=chat-1')).toMatchObject([{ chatId: 'chat-1', error }]);
  expect(await listed(viewed, '')).toHaveLength(2);
  viewer.kill('SIGINT');
  expect(await viewer.ended).toMatchObject({ code: 0, stderr: '' });

  const third = await shell(withNext(forJaeger));
  standIn.kill();
  await standIn.ended;
  expect([first.code, second.code, third.code]).toEqual([1, 1, 1]);
  expect(first.stderr).toContain('InternalServerError: 500 The server had an error');
  const step = { model: 'gpt-4o-mini', status: 'error', attempts: [attempt, attempt, attempt] };
  expect(buildTree(receiver.spans)).toMatchObject([
    { kind: 'chat_turn', chatId: 'chat-1', error: { kind: 'generic' }, steps: [step] },
  ]);
  expect(new Set(receiver.spans.map(({ resource }) => resource['service.name']))).toEqual(
    new Set(['my-chat']),
  );
});

/** The runs on the viewer's page. */
async function listed(viewer: string, query: string): Promise<{ id: string }[]> {
  const { runs } = (await (await fetch(`${viewer}/runs${query}`)).json()) as { runs: { id: string }[] };
  return runs;
}

test('a successful call is recorded in full capture only', async () => {
  const openai = await startProvider();
  openai.reply(completion('Yes.'));
  const before = receiver.spans.length;
  const base = (block: string | undefined) =>
    block?.replace('unset OPENAI_BASE_URL', `export OPENAI_BASE_URL=${openai.url}/v1`);
  const quiet = await shell(base(withKey));
  expect([quiet, receiver.spans.length - before]).toEqual([{ code: 0, stdout: 'Yes.\n', stderr: '' }, 0]);
  await shell(base(`${withKey}${full}`)?.replace(/^node .*\n/m, ''));
  await openai.close();
  expect(buildTree(receiver.spans.slice(before))).toMatchObject([
    { chatId: 'chat-1', status: 'completed', steps: [{ attempts: [{ statusCode: 200 }] }] },
  ]);
});

function write(file: string, source: string | undefined): void {
  expect(source).toMatch(new RegExp(`^// ${file}\\b`));
  writeFileSync(join(folder, file), source ?? '');
}

/** Runs the lines in a shell in the folder, with the receiver as endpoint instead of Jaeger. */
async function shell(lines = '', endpoint = receiver.url) {
  const env = {
    PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
    HOME: process.env['HOME'],
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  };
  const child = spawn('sh', ['-c', lines], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}
