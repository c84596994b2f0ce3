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
const commands = codeBlocks('sh', page);
const [firstChat, provider, namedChat] = codeBlocks('js', page);
const [docker = '', install = '', withFlag, again, withKey, full] = commands;

let folder: string;
let remove: () => void;
let receiver: OtlpReceiver;
beforeAll(async () => {
  ({ folder, remove } = folderWithPackage(['openai']));
  receiver = await startOtlpReceiver();
}, 60_000);
afterAll(async () => {
  remove();
  await receiver.close();
});

test('it has the commands and programs that are tried below, and no others', () => {
  expect(commands).toHaveLength(6);
  expect(codeBlocks('js', page)).toHaveLength(3);
  expect(docker).toContain('docker run');
});

test('it installs what the package asks for', () => {
  const { name, peerDependencies, peerDependenciesMeta } = JSON.parse(read('package.json'));
  expect(install.split('\n').at(-2)).toBe(`npm install openai ${name} @opentelemetry/api@1.9`);
  const required = Object.entries(peerDependencies).filter(([peer]) => !peerDependenciesMeta[peer]?.optional);
  expect(required).toEqual([['@opentelemetry/api', '>=1.9.0 <2']]);
});

test('the call that fails arrives, first without a name and then with that of its chat', async () => {
  // Any port that is free in the place of the one that may not be.
  write('provider.mjs', provider?.replace('8080', '0'));
  const standIn = startNode(['provider.mjs'], { cwd: folder });
  const url = await standIn.line('http://');
  const failing = (block: string | undefined) => block?.replace('http://localhost:8080/v1', url);
  write('chat.mjs', firstChat);
  const first = await shell(failing(withFlag));
  write('chat.mjs', namedChat);
  const second = await shell(failing(`${withFlag}${again}`)?.replace(/^node .*\n/m, ''));
  standIn.kill();
  await standIn.ended;

  expect([first.code, second.code]).toEqual([1, 1]);
  expect(first.stderr).toContain('InternalServerError: 500 The server had an error');
  const attempts = ['req_1', 'req_1', 'req_1'].map((requestId) => ({ statusCode: 500, requestId }));
  const step = { model: 'gpt-4o-mini', status: 'error', attempts };
  expect(buildTree(receiver.spans)).toMatchObject([
    { kind: 'chat_turn', error: { kind: 'generic' }, steps: [step] },
    { kind: 'chat_turn', chatId: 'chat-1', error: { kind: 'generic' }, steps: [step] },
  ]);
  expect(new Set(receiver.spans.map(({ resource }) => resource['service.name']))).toEqual(
    new Set(['my-chat']),
  );
});

test('a call that goes well leaves nothing, and everything in full capture', async () => {
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

/** Types the lines into a shell in the folder. Jaeger's port is one of the machine's; that of the receiver is given. */
async function shell(lines = '') {
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
