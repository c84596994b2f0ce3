import { tempoRuns } from '../../src/query/index.js';
import { traceqlSearch } from '../../src/query/tempo.js';
import fc, { CODE_POINT } from '../support/property.js';
import { json, startBackend } from './backend.js';

const SELECT = ['chatdebug.run.id', 'chatdebug.run.status', 'chatdebug.error.detail'];
const AWKWARD = [
  '" } || { true } || { span.x = "',
  '\\',
  '\\"',
  '"',
  '',
  '\n}\u0000\u2028',
  "{}`'",
  '\u{10ffff}',
];
const QUERY =
  /^\{ span\.gen_ai\.conversation\.id = ("(?:[ !#-[\]-~]|\\[ -~])*") \}(?: *$| +\| select\([\w., ]+\) with \(most_recent=true\)$)/;

const search = (chatId: string, select?: readonly string[]): string =>
  traceqlSearch('gen_ai.conversation.id', chatId, select);

/** Reads a Go string literal like Go. */
function unquoted(literal: string): string {
  const body = /^"((?:[^"\\]|\\.)*)"$/.exec(literal)?.[1];
  if (body === undefined) throw new Error(`no string: ${literal}`);
  const named: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
  return body.replace(/\\(?:U([\da-f]{8})|u([\da-f]{4})|(.))/g, (_, long, short, letter) => {
    if (letter !== undefined) return named[letter] ?? '?';
    const code = Number.parseInt(long ?? short, 16);
    if (code >= 0xd800 && code < 0xe000) throw new Error('half a surrogate pair');
    return String.fromCodePoint(code);
  });
}

test('any chat id stays inside the quotes and unchanged', () => {
  const holds = (chatId: string) => {
    for (const query of [search(chatId), search(chatId, SELECT)]) {
      expect(unquoted(QUERY.exec(query)?.[1] ?? query)).toBe(chatId);
    }
  };
  for (const chatId of AWKWARD) holds(chatId);
  fc.assert(fc.property(fc.string({ unit: CODE_POINT }), holds));
});

test('the query sent to Tempo contains the escaped chat id', async () => {
  const backend = await startBackend();
  backend.answer(json({ traces: [] }));
  const runs = tempoRuns({ endpoint: backend.url });
  for (const chatId of AWKWARD) await runs.has(chatId);
  await backend.close();
  expect(backend.asked().map(({ query }) => query['q'])).toEqual(AWKWARD.map((chatId) => search(chatId)));
});

test('half a surrogate pair is queried as the Collector and Tempo store it', () => {
  expect(search('a\ud800b')).toBe('{ span.gen_ai.conversation.id = "a\\ufffdb" }');
});

test("no attribute name crosses a border of 1,024 bytes, where Tempo's parser reads on", () => {
  for (let length = 0; length < 3_000; length++) {
    const query = search(`é${'x'.repeat(length)}`, SELECT);
    const start = query.indexOf(' | select(');
    expect(Math.floor(start / 1_024)).toBe(Math.floor((query.length - 1) / 1_024));
  }
});

test('the attributes of a summary fit between two borders', async () => {
  const backend = await startBackend();
  backend.answer(json({ traces: [] }));
  await tempoRuns({ endpoint: backend.url }).list('c');
  await backend.close();
  const [{ query } = { query: NOTHING }] = backend.asked();
  expect(query['q']?.length).toBeLessThan(1_024);
});

const NOTHING: Record<string, string> = {};
