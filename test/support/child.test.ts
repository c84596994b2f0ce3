import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, runNode, startNode } from './child.js';

test.each([
  { type: 'module', source: "import fc from 'fast-check'; console.log(typeof fc.assert, import.meta.url)" },
  { type: 'commonjs', source: "console.log(typeof require('fast-check').assert, __filename)" },
] as const)(
  "a $type text runs, can import the repository's dependencies, and is removed",
  async (program) => {
    const { code, stdout } = await runNode(program);
    expect([code, stdout.split(' ')[0]]).toEqual([0, 'function']);
    const file = stdout.trim().split(/[/\\]/).at(-1) ?? '';
    expect(readdirSync(join(REPOSITORY, '.cache'))).not.toContain(file);
  },
);

test('gets its environment and arguments, and reports how it ended', async () => {
  const source =
    'console.error(process.env.A, process.env.NODE_ENV, process.execArgv[0]); process.exitCode = 3';
  const ended = await runNode(
    { source, type: 'commonjs' },
    { env: { A: '1', B: undefined }, nodeOptions: ['--no-warnings'] },
  );
  expect(ended).toEqual({ code: 3, signal: null, stdout: '', stderr: '1 undefined --no-warnings\n' });
});

test('can be sent lines, and killed', async () => {
  const child = startNode({
    source: "process.stdin.on('data', (d) => console.log('got', String(d)))",
    type: 'module',
  });
  child.send('one');
  expect(await child.line('got')).toBe('got one');
  child.kill();
  expect(await child.ended).toMatchObject({ code: null, signal: 'SIGTERM', stdout: 'got one\n\n' });
  await expect(child.line('two')).rejects.toThrow('no line with two');
});

test('a child that takes too long is killed with its output, and a signal kills at once', async () => {
  const forever = ['-e', "console.log('hi'); setInterval(() => {}, 1000)"];
  await expect(runNode(forever, { timeoutMillis: 300 })).rejects.toThrow('killed after 300 ms\nstdout: hi');
  expect(await runNode(forever, { signal: AbortSignal.abort() })).toMatchObject({ signal: 'SIGKILL' });
});
