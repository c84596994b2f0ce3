import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { parseSpan, ResourceCache, spanPieces } from '../../src/delivery/span-json.js';
import type { Spool } from '../../src/delivery/spool.js';
import { SpoolLock } from '../../src/delivery/spool-lock.js';
import fc, { CODE_POINT, runs } from '../support/property.js';
import { endedSpan, names } from './support/delivering.js';
import { filesIn, openSpool, removeAll, temporaryDirectory, until } from './support/spooling.js';

afterEach(removeAll);

const addAll = (spool: Spool, all: readonly string[]) => all.map((name) => spool.add(endedSpan(name), 3_000));

describe('a span', () => {
  const text = fc.string({ unit: CODE_POINT });
  const value = fc.oneof(
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.array(text),
  );
  const attributes = fc.dictionary(text, value, { maxKeys: 5 });
  const context = fc.record({
    traceId: fc.constant('0af7651916cd43dd8448eb211c80319c'),
    spanId: fc.constant('b7ad6b7169203331'),
    traceFlags: fc.constant(1),
    isRemote: fc.boolean(),
  });

  test('is the same for an exporter when it is read back', () => {
    const isSame = (name: string, links: ReadableSpan['links'], bags: ReadableSpan['attributes'][]) => {
      const span = writtenSpan(name, links, bags);
      const back = parseSpan([...spanPieces(span)].join(''), new ResourceCache());
      expect(otlp([back])).toEqual(otlp([span]));
    };
    const links = fc.array(fc.record({ context, attributes }), { maxLength: 2 });
    fc.assert(fc.property(text, links, fc.array(attributes, { minLength: 3, maxLength: 5 }), isSame), {
      numRuns: runs(2_000),
    });
  });

  test('has the same resource object as the other spans of its process', () => {
    const resources = new ResourceCache();
    const json = [...spanPieces(endedSpan('one'))].join('');
    expect(parseSpan(json, resources).resource).toBe(parseSpan(json, resources).resource);
  });

  test('is on disk when add returns, and a line break inside it does not end its line', () => {
    const directory = temporaryDirectory();
    const { spool } = openSpool(directory);
    spool.add(endedSpan('first\nS 9 9 {}'), 3_000);
    const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.spool'));
    expect(readFileSync(join(directory, file), 'utf8').split('\n')).toEqual([
      'chatdebug-spool 1',
      expect.stringMatching(/^S 1 \d+ \{"name":"first\\nS 9 9 \{\}",.*\} [0-9a-f]{8}$/),
      '',
    ]);
  });
});

test('files and directory are private to their owner, and are removed when all spans are done', () => {
  const directory = join(temporaryDirectory(), 'made', 'here');
  const { spool } = openSpool(directory);
  const entries = addAll(spool, names(3));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(directory).filter((name) => name.endsWith('.spool'))) {
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  }
  spool.finish(entries);
  spool.close();
  expect(filesIn(directory)).toEqual([]);
});

test('a spool without spans leaves no file', async () => {
  const directory = temporaryDirectory();
  const { spool } = openSpool(directory);
  spool.start();
  spool.close();
  expect(filesIn(directory)).toEqual([]);
});

test('the next spool gets exactly the spans that are not done', async () => {
  const directory = temporaryDirectory();
  const { spool } = openSpool(directory);
  const entries = addAll(spool, names(10));
  spool.finish(entries.slice(2, 5));
  spool.finish(entries.slice(9));
  spool.close();
  const next = openSpool(directory);
  next.spool.start();
  await next.recovered(6);
  expect([next.spool.stored, next.spool.recovered, next.lost]).toEqual([6, 6, {}]);
  expect(next.loadAll()).toEqual([...names(10).slice(0, 2), ...names(10).slice(5, 9)]);
});

test('spans that are not done are always there, after any sequence of operations', async () => {
  const step = fc.record({
    add: fc.nat({ max: 30 }),
    done: fc.array(fc.nat({ max: 200 }), { maxLength: 30 }),
    released: fc.array(fc.nat({ max: 200 }), { maxLength: 10 }),
    loaded: fc.nat({ max: 5 }),
    ends: fc.boolean(),
  });
  const scene = async (
    steps: { add: number; done: number[]; released: number[]; loaded: number; ends: boolean }[],
  ) => {
    // Small enough for several files.
    const options = { maxBytes: 1_000_000 };
    const directory = temporaryDirectory();
    let spooling = openSpool(directory, options);
    let held = new Map<string, ReturnType<Spool['add']>>();
    const open = new Set<string>();
    let count = 0;
    for (const { add, done, released, loaded, ends } of [...steps, { ...NOTHING, ends: true }]) {
      for (let i = 0; i < add; i++) {
        const name = `${count++} ${'long '.repeat(200)}`;
        held.set(name, spooling.spool.add(endedSpan(name), 2_000));
        open.add(name);
      }
      const pick = (index: number) => [...held][index % (held.size || 1)];
      for (const [name, entry] of released.flatMap((index) => [pick(index) ?? []])) {
        if (entry === undefined || name === undefined) continue;
        spooling.spool.drain();
        expect(spooling.spool.release(entry)).toBe(true);
        held.delete(name);
      }
      for (const { span, entry } of spooling.spool.load(loaded)) held.set(span.name, entry);
      for (const [name, entry] of done.flatMap((index) => [pick(index) ?? []])) {
        if (entry === undefined || name === undefined) continue;
        spooling.spool.finish([entry]);
        held.delete(name);
        open.delete(name);
      }
      if (!ends) continue;
      spooling.spool.close();
      spooling = openSpool(directory, options);
      spooling.spool.start();
      held = new Map();
      await spooling.recovered(open.size);
      expect(spooling.spool.stored).toBe(open.size);
    }
    expect(spooling.loadAll().sort()).toEqual([...open].sort());
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 8 }), scene), { numRuns: runs(300, 20) });
});

const NOTHING = { add: 0, done: [], released: [], loaded: 0 };

test('the oldest spans are dropped at the bound, and those in memory are not lost by it', async () => {
  const directory = temporaryDirectory();
  const { spool, lost, loadAll } = openSpool(directory, { maxBytes: 100_000 });
  const entries = names(400).flatMap((name) => {
    const added = addAll(spool, [name]);
    spool.drain();
    return added;
  });
  expect(lost).toEqual({});
  const bytes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
  expect(bytes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(100_000);
  const kept = entries.filter((entry) => spool.release(entry)).length;
  expect(kept).toBeGreaterThan(50);
  expect(spool.stored).toBe(kept);
  expect(loadAll()).toEqual(names(400).slice(400 - kept));
});

test('spans on disk only are counted when they are dropped', () => {
  const { spool, lost } = openSpool(temporaryDirectory(), { maxBytes: 100_000 });
  for (const name of names(400)) {
    const [entry] = addAll(spool, [name]);
    spool.drain();
    if (entry !== undefined) spool.release(entry);
  }
  expect(lost['spool_full']).toBeGreaterThan(200);
  expect(spool.stored + (lost['spool_full'] ?? 0)).toBe(400);
});

test('spans that are too old are lost and counted', async () => {
  const directory = temporaryDirectory();
  const first = openSpool(directory);
  addAll(first.spool, names(3));
  first.spool.close();
  const written = Date.now();
  await until(() => Date.now() > written + 5);
  const { spool, lost, recovered } = openSpool(directory, { maxAgeMillis: 5 });
  spool.start();
  await recovered(3);
  await until(() => spool.stored === 0);
  expect(lost).toEqual({ spool_expired: 3 });
  spool.close();
  expect(filesIn(directory)).toEqual([]);
});

test('files of a live owner are not taken over, and those of an unknown one only after a while', async () => {
  const directory = temporaryDirectory();
  const { spool } = openSpool(directory);
  addAll(spool, names(1));
  const lock = new SpoolLock(directory);
  expect(await abandoned(lock)).toEqual([]);
  const elsewhere = join(directory, 'chatdebug-000000123456789abc-0.spool');
  writeFileSync(elsewhere, 'chatdebug-spool 1\n');
  expect(await abandoned(lock)).toEqual([]);
  const past = Date.now() / 1_000 - 301;
  utimesSync(elsewhere, past, past);
  expect(await abandoned(lock)).toEqual([elsewhere]);
});

async function abandoned(lock: SpoolLock): Promise<string[]> {
  const paths: string[] = [];
  for await (const { spools } of lock.abandoned()) paths.push(...spools);
  return paths;
}

test('other files stay', async () => {
  const directory = temporaryDirectory();
  const first = openSpool(directory);
  addAll(first.spool, names(2));
  first.spool.close();
  writeFileSync(join(directory, 'notes.spool'), 'hello');
  mkdirSync(join(directory, 'chatdebug-000000123456789abc-0.spool'));
  symlinkSync('notes.spool', join(directory, 'chatdebug-000000123456789abc-1.spool'));
  const { spool, recovered, loadAll } = openSpool(directory);
  spool.start();
  await recovered(2);
  expect(loadAll()).toEqual(names(2));
  expect(filesIn(directory)).toEqual(expect.arrayContaining(['chatdebug-OWNER-0.spool', 'notes.spool']));
});

function writtenSpan(
  name: string,
  links: ReadableSpan['links'],
  [attributes = {}, ...events]: ReadableSpan['attributes'][],
): ReadableSpan {
  const spans: ReadableSpan[] = [];
  const onEnd = (span: ReadableSpan) => void spans.push(span);
  const processor = { onStart: () => {}, onEnd, forceFlush: async () => {}, shutdown: async () => {} };
  const tracer = new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('test', '1.0');
  const span = tracer.startSpan(name, { links, attributes });
  for (const [index, event] of events.entries()) span.addEvent(`event ${index}`, event);
  span.setStatus({ code: 2, message: name }).end();
  const [ended] = spans;
  if (ended === undefined) throw new Error('the span did not end');
  return ended;
}

function otlp(spans: ReadableSpan[]): unknown {
  return JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString());
}
