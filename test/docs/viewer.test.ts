import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { REPOSITORY, startNode } from '../support/child.js';
import { completion } from '../support/openai-replies.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { folderWithPackage } from './installed-package.js';
import { bare, codeBlocks, read, tableBehind } from './pages.js';

const page = read('docs/viewer.md');
const { name, bin } = JSON.parse(read('package.json'));
const [view = '', sending = '', deleting = '', makeCase = '', ...otherCommands] = codeBlocks('sh', page);
const [chat = '', kept = '', ...otherPrograms] = codeBlocks('js', page);
const [printed = ''] = codeBlocks('text', page);

let folder: string;
let remove: () => void;
let provider: ScriptedProvider;
beforeAll(async () => {
  ({ folder, remove } = folderWithPackage(['openai']));
  // The link that `npm install` makes for `npx`.
  chmodSync(join(folder, 'node_modules', name, bin[name]), 0o755);
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync(join('..', name, bin[name]), join(folder, 'node_modules', '.bin', name));
  provider = await startProvider();
});
afterAll(async () => {
  remove();
  await provider.close();
});

test('it has only the commands and programs that are tested below', () => {
  expect([otherCommands, otherPrograms]).toEqual([[], []]);
  expect(view).toBe(`npx ${name} view\n`);
});

test('the page, from the first run to its deletion', async () => {
  // Any free port, since the usual one may be in use.
  const viewer = startNode([join('node_modules', name, bin[name]), 'view', '--port', '0'], {
    cwd: folder,
    env: { HOME: folder },
  });
  await viewer.line('Ctrl-C');
  const url = /=(http.*)/.exec(viewer.stdout())?.[1] ?? '';
  expect(viewer.stdout()).toBe(printed.replaceAll('http://127.0.0.1:4318', url).replace('/home/me', folder));

  provider.reply(completion('Yes.'));
  write('chat.mjs', chat);
  const sent = await shell(sending.replaceAll('http://127.0.0.1:4318', url));
  expect(sent).toEqual({ code: 0, stdout: 'Yes.\n', stderr: '' });

  write('kept.mjs', kept.replaceAll('http://127.0.0.1:4318', url));
  const listed = await shell('node kept.mjs');
  expect(listed.stdout).toMatch(/^completed gpt-4o-mini http:\/\/127\.0\.0\.1:\d+\/trace\/[0-9a-f]{32}\n$/);

  const answer = await fetch(`${url}/runs?chat=travel-1`);
  const { runs } = (await answer.json()) as { runs: readonly { id: string }[] };
  const made = await shell(
    makeCase.replace('RUN_ID', String(runs[0]?.id)).replace('--from viewer', `--from viewer --url ${url}`),
  );
  expect(made).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(folder, 'failure.json'), 'utf8'))).toMatchObject({ id: runs[0]?.id });

  const deleted = await shell(deleting);
  expect(deleted.stdout).toBe(`Deleted chat travel-1, by the viewer at ${url}.\n`);
  expect((await shell('node kept.mjs')).stdout).toBe('');
  viewer.kill('SIGINT');
  expect(await viewer.ended).toMatchObject({ code: 0, stderr: '' });
  expect((await shell(deleting)).stdout).toBe('Deleted chat travel-1: 0 runs.\n');
});

test('the table has the options of the help text, with their defaults', async () => {
  const { stdout } = await shell(`npx ${name} view --help`);
  const named = [...stdout.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option);
  const rows = tableBehind('## Options', page);
  expect([...rows.map(([option]) => bare(option)), '--help']).toEqual(named);
  for (const [option, value = ''] of rows)
    if (/^`[\w]+`$/.test(value))
      expect(stdout).toMatch(new RegExp(`${bare(option)} .*\\(default: ${bare(value)}\\)`));
});

test('without SQLite it names the command that installs it', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'chatdebug-no-sqlite-'));
  const scope = join(copy, 'node_modules', '@opentelemetry');
  mkdirSync(scope, { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules', '@opentelemetry', 'api'), join(scope, 'api'));
  cpSync(join(REPOSITORY, 'dist'), join(copy, 'dist'), { recursive: true });
  const { code, stderr } = await shell(`cd ${copy} && node dist/cli.js view --delete-all`);
  rmSync(copy, { recursive: true });
  const hasOwn = process.getBuiltinModule?.('node:sqlite') !== undefined;
  const refused = `The viewer needs SQLite, which Node.js has from 22.13 on; this is ${process.version}. Install it with: npm install --save-dev node-sqlite3-wasm\n`;
  expect([code, stderr]).toEqual(hasOwn ? [0, ''] : [1, refused]);
});

function write(file: string, source: string): void {
  expect(source).toMatch(new RegExp(`^// ${file}\\n`));
  writeFileSync(join(folder, file), source);
}

/** Runs the lines in a shell in the folder. */
async function shell(lines: string) {
  const env = {
    PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
    HOME: folder,
    OPENAI_API_KEY: 'none',
    OPENAI_BASE_URL: `${provider.url}/v1`,
  };
  const child = spawn('sh', ['-c', lines], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}
