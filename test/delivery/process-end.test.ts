import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { endBothWays, FIVE } from './support/ending.js';

const SIGNALLED = `
  const forever = setInterval(() => {}, 1_000);
  setImmediate(() => process.kill(process.pid, process.env.SIGNAL ?? 'SIGTERM'));`;
const GRACEFUL = (signal: string) => `
  process.once('${signal}', () => {
    console.log('closing', process.listenerCount('${signal}'));
    setTimeout(() => { console.log('closed'); process.exit(0); }, 20);
  });`;
const SIGNAL_EXIT = `
  const signalExit = require('signal-exit');
  (signalExit.onExit ?? signalExit)((code, signal) => console.log('signal-exit', code, signal));`;

/** Ways in which an application ends, with the exit of Node. */
const ENDS: Record<string, [text: string, ending: { code: number | null; signal?: string }]> = {
  'by itself': ["process.on('beforeExit', () => console.log('beforeExit'));", { code: 0 }],
  'by itself, after some work': ["setTimeout(() => console.log('worked'), 10);", { code: 0 }],
  'with a custom exit code': ['process.exitCode = 5;', { code: 5 }],
  'with a code from its last listener': ["process.on('exit', () => { process.exitCode = 9; });", { code: 9 }],
  'by process.exit()': [
    "process.on('exit', (code) => console.log('exit', code)); process.exit(3);",
    { code: 3 },
  ],
  'by an uncaught error': ["throw new Error('uncaught');", { code: 1 }],
  'by a rejection': ["Promise.reject(new Error('rejected'));", { code: 1 }],
  'by a handler of uncaught errors': [
    "process.on('uncaughtException', (e) => { console.log(e.message); process.exit(4); }); throw new Error('oh');",
    { code: 4 },
  ],
  'by SIGTERM': [SIGNALLED, { code: null, signal: 'SIGTERM' }],
  'by SIGINT': [`process.env.SIGNAL = 'SIGINT'; ${SIGNALLED}`, { code: null, signal: 'SIGINT' }],
  'gracefully on SIGTERM': [GRACEFUL('SIGTERM') + SIGNALLED, { code: 0 }],
  'gracefully on SIGINT': [`process.env.SIGNAL = 'SIGINT'; ${GRACEFUL('SIGINT')} ${SIGNALLED}`, { code: 0 }],
  'on SIGTERM, by having nothing left to do': [
    `${SIGNALLED} process.once('SIGTERM', () => clearInterval(forever));`,
    { code: 0 },
  ],
  'by a SIGTERM that it ignores, later': [
    `${SIGNALLED} process.on('SIGTERM', () => { console.log('no'); setTimeout(() => process.exit(6), 20); });`,
    { code: 6 },
  ],
  'by SIGTERM, with signal-exit': [SIGNAL_EXIT + SIGNALLED, { code: null, signal: 'SIGTERM' }],
  'by process.exit(), with signal-exit': [`${SIGNAL_EXIT} process.exit(3);`, { code: 3 }],
  'gracefully on SIGTERM, with signal-exit': [SIGNAL_EXIT + GRACEFUL('SIGTERM') + SIGNALLED, { code: 0 }],
};

const NEWER = [22, 24, 26]
  .map(
    (version) =>
      [`Node ${version}`, join(REPOSITORY, 'node_modules', `node${version}`, 'bin', 'node')] as const,
  )
  .filter(([, path]) => existsSync(path));

describe.each([['this Node', process.execPath] as const, ...NEWER])('with %s', (_node, execPath) => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.close());

  test.each(Object.entries(ENDS))('an application that ends %s', async (_how, [text, ending]) => {
    const ends = await endBothWays(text, receiver, { execPath });
    expect(receiver.spans.map(({ name }) => name)).toEqual(FIVE);
    expect(ends.with).toEqual(ends.without);
    expect(ends.with).toMatchObject({ signal: null, ...ending });
  });

  test('existing handlers', async () => {
    const text = `await0(); async function await0() {
      delivery && await delivery.forceFlush();
      ${SIGNAL_EXIT} ${GRACEFUL('SIGTERM')}
      for (let i = 0; i < 5; i++) write('two ' + i);
      ${SIGNALLED}
    }`;
    const ends = await endBothWays(text, receiver, { execPath });
    expect(receiver.spans.map(({ name }) => name).slice(5)).toEqual(FIVE.map((n) => n.replace('one', 'two')));
    expect(ends.with).toEqual(ends.without);
    expect(ends.with).toMatchObject({ code: 0, signal: null });
  });

  test('no listener is left once everything is delivered', async () => {
    const text = `(async () => {
      const count = () => ['exit', 'SIGTERM', 'SIGINT'].map((event) => process.listenerCount(event)).join();
      if (delivery) console.log('while', count());
      await delivery?.forceFlush();
      console.log('after', count());
    })();`;
    const ends = await endBothWays(text, receiver, { execPath });
    expect(ends.with.stdout.replace(/while .*\n/, '')).toBe(ends.without.stdout);
    expect(ends.with.stdout).toContain('while');
  });

  test('a worker thread that ends', async () => {
    const text = `
      const { Worker, isMainThread } = require('node:worker_threads');
      if (isMainThread) new Worker(__filename).on('exit', (code) => console.log('thread', code));
      else process.exit(2);`;
    const ends = await endBothWays(text, receiver, { execPath });
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual([...FIVE, ...FIVE].sort());
    expect(ends.with).toEqual(ends.without);
    expect(ends.with.stdout).toBe('thread 2\n');
  });
});
