import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import fc, { runs } from '../support/property.js';
import { endedSpan, names } from './support/delivering.js';
import { filesIn, openSpool, removeAll, temporaryDirectory, until } from './support/spooling.js';

const warnings: string[] = [];
beforeAll(() => {
  const quiet = () => {};
  const warn = (_component: string, ...message: unknown[]) => void warnings.push(String(message[0]));
  diag.setLogger({ error: quiet, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
});
afterAll(() => diag.disable());
afterEach(removeAll);

const HEADER = 'chatdebug-spool 1\n';

/** A directory left by a process: ten spans, of which two are done. */
function leftBehind(): { readonly directory: string; readonly path: string; readonly bytes: Buffer } {
  const directory = temporaryDirectory();
  const { spool } = openSpool(directory);
  const entries = names(10).map((name) => spool.add(endedSpan(name), 3_000));
  spool.finish(entries.slice(3, 5));
  spool.close();
  const [name = ''] = readdirSync(directory).filter((one) => one.endsWith('.spool'));
  const path = join(directory, name);
  return { directory, path, bytes: readFileSync(path) };
}

/** The names of the spans that are not done, from the undamaged lines. */
function intact(before: Buffer, after: Buffer): string[] {
  const written = new Set(linesOf(before));
  const lines = linesOf(after).filter((line) => written.has(line));
  const done = new Set(lines.flatMap((line) => /^D (\S+)/.exec(line)?.[1]?.split(',') ?? []));
  return lines.flatMap((line) => {
    const [, number = '', name = ''] = /^S (\d+) .*?"name":"([^"]*)"/.exec(line) ?? [];
    return number === '' || done.has(number) ? [] : [name];
  });
}

/** A line that lacks only its line end is complete. */
const linesOf = (bytes: Buffer) => bytes.toString('latin1').split('\n');

const DAMAGES = {
  'cut off': (bytes: Buffer, at: number) => bytes.subarray(0, at),
  'changed in one byte': (bytes: Buffer, at: number, byte: number) => {
    const changed = Buffer.from(bytes);
    changed[at] = byte;
    return changed;
  },
  'mixed with something else': (bytes: Buffer, at: number, byte: number) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.alloc(byte, byte), bytes.subarray(at)]),
  'overwritten from somewhere on': (bytes: Buffer, at: number, byte: number) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.alloc(bytes.length - at, byte)]),
};

test.each(Object.entries(DAMAGES))('a file that is %s: all other lines are read', async (_how, damage) => {
  const scene = async (position: number, byte: number) => {
    const { directory, path, bytes } = leftBehind();
    const damaged = damage(bytes, HEADER.length + (position % (bytes.length - HEADER.length)), byte);
    writeFileSync(path, damaged);
    const { spool, loadAll } = openSpool(directory);
    spool.start();
    const expected = intact(bytes, damaged);
    await until(() => !existsSync(path) && spool.stored === expected.length);
    expect(loadAll()).toEqual(expected);
    spool.close();
  };
  const property = fc.asyncProperty(fc.nat({ max: 1_000_000 }), fc.nat({ max: 255 }), scene);
  await fc.assert(property, { numRuns: runs(300, 50) });
});

test.each(['S', 'D'])(
  'a last line of kind %s without its line end is read, and survives the next process',
  async (kind) => {
    const { directory, path, bytes } = leftBehind();
    const lines = bytes.toString('latin1').trimEnd().split('\n');
    if (kind === 'S') lines.pop();
    const whole = lines.join('\n');
    writeFileSync(path, whole, 'latin1');
    for (let process = 0; process < 2; process++) {
      const { spool, lost, recovered } = openSpool(directory);
      spool.start();
      await recovered(kind === 'S' ? 10 : 8);
      const loaded = spool.load(100);
      expect(loaded).toHaveLength(kind === 'S' ? 10 : 8);
      expect(lost).toEqual({});
      spool.close();
    }
  },
);

test('a damaged span is counted, and the file is removed with its last span', async () => {
  const { directory, path, bytes } = leftBehind();
  writeFileSync(path, bytes.toString('latin1').replace('span 00000', 'spam 00000'), 'latin1');
  const { spool, lost, recovered } = openSpool(directory);
  spool.start();
  await recovered(8);
  expect([spool.stored, lost]).toEqual([7, { spool_damaged: 1 }]);
  spool.finish(spool.load(100).map(({ entry }) => entry));
  spool.close();
  expect(filesIn(directory)).toEqual([]);
});

test('a span damaged after it was found is counted too', async () => {
  const { directory } = leftBehind();
  const { spool, lost, recovered, loadAll } = openSpool(directory);
  spool.start();
  await recovered(8);
  const files = readdirSync(directory).filter((one) => one.endsWith('.spool'));
  const [file = ''] = files.map((one) => join(directory, one)).filter((path) => statSync(path).size > 100);
  const text = readFileSync(file, 'latin1');
  writeFileSync(file, text.replace('span 00001', 'spam 00001'), 'latin1');
  expect(loadAll()).toHaveLength(7);
  expect(lost).toEqual({ spool_damaged: 1 });
});

test('a damaged header loses only itself', async () => {
  const { directory, path, bytes } = leftBehind();
  writeFileSync(path, bytes.toString('latin1').replace('spool 1', 'spoil 1'), 'latin1');
  const { spool, recovered, loadAll } = openSpool(directory);
  spool.start();
  await recovered(9);
  expect(loadAll()).toHaveLength(8);
});

test('a file of a later version stays unchanged, unlike the others', async () => {
  const { directory, path, bytes } = leftBehind();
  const newer = bytes.toString('latin1').replace('spool 1', 'spool 2');
  writeFileSync(path, newer, 'latin1');
  const other = openSpool(directory);
  other.spool.add(endedSpan('other'), 3_000);
  other.spool.close();
  const { spool, recovered, loadAll } = openSpool(directory);
  spool.start();
  await recovered(1);
  await until(() => warnings.length > 0);
  expect(loadAll()).toEqual(['other']);
  expect(readFileSync(path, 'latin1')).toBe(newer);
  expect(warnings).toEqual([
    'spoolDirectory: a file was written by a later version of this package and is left as it is',
  ]);
});

test.each([
  ['a file', (directory: string) => join(directory, 'file')],
  ['below a file', (directory: string) => join(directory, 'file', 'spool')],
  ['in a place where it cannot be created', () => '/proc/spool'],
])('a directory that is %s: a warning, and spans are held in memory only', async (_what, pathIn) => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  const { spool } = openSpool(pathIn(directory));
  spool.start();
  const entry = spool.add(endedSpan('one'), 3_000);
  expect(spool.release(entry)).toBe(false);
  expect(spool.stored).toBe(0);
  spool.close();
  expect(warnings).toContain('spoolDirectory: spans could not be written to disk');
});
