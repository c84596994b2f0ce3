import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attemptsOf, CASE_VERSION, parseCase } from '../../src/case/format.js';
import { CASE_SCHEMA } from '../../src/case/schema.js';
import { codeBlocks, read } from '../docs/pages.js';
import { REPOSITORY } from '../support/child.js';
import fc from '../support/property.js';

const FILE = join(REPOSITORY, 'docs', 'case.schema.json');

test('docs/case.schema.json is the schema (UPDATE_DOCS=1 writes it)', () => {
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(FILE, `${JSON.stringify(CASE_SCHEMA, undefined, 2)}\n`);
  // The formatter decides on line breaks.
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(CASE_SCHEMA);
});

test('the package exports the schema', () => {
  const { exports } = JSON.parse(read('package.json'));
  expect(exports['./case.schema.json']).toBe('./docs/case.schema.json');
});

test('the example on the page is a case of this version', () => {
  const [example = ''] = codeBlocks('json', read('docs/field-cases.md'));
  const example_ = parseCase(example, 'the example');
  expect(example_.version).toBe(CASE_VERSION);
  expect(attemptsOf(example_).map(({ request, response }) => [request.path, response.end])).toEqual([
    ['/v1/messages', 'clean'],
    ['/v1/messages', 'cut'],
  ]);
});

const GOOD = {
  id: 'a',
  title: 'b',
  request: { method: 'POST', path: '/', headers: {} },
  response: { status: 200, chunks: ['a', { text: 'b', times: 2, afterMs: 5 }], end: 'clean' },
  next: [{ response: { end: 'cut' } }],
  expect: { attempts: [{ status: 'completed' }] },
};

test.each([
  [{ ...GOOD, id: undefined }, 'id is missing'],
  [{ ...GOOD, version: 0 }, 'version: expected 1'],
  [{ ...GOOD, odd: 1 }, 'unknown member odd'],
  [{ ...GOOD, request: { ...GOOD.request, headers: { a: 1 } } }, 'request.headers.a: expected a string'],
  [{ ...GOOD, response: { end: 'clean', chunks: [1] } }, 'response.chunks[0]: expected a string'],
  [
    { ...GOOD, response: { end: 'clean', chunks: [{ times: -1 }] } },
    'response.chunks[0].times: expected at least 0',
  ],
  [{ ...GOOD, next: [{}] }, 'next[0].response is missing'],
  [
    { ...GOOD, expect: { attempts: [{ statusCode: 9, status: 'x' }] } },
    'expect.attempts[0].statusCode: expected at least 200',
  ],
  [[], 'expected an object'],
])('rejects a file that does not fit the schema: %j', (value, fault) => {
  expect(() => parseCase(JSON.stringify(value), 'a.json')).toThrow(`Invalid case a.json: ${fault}`);
});

test('reads a valid case unchanged', () => {
  expect(parseCase(JSON.stringify(GOOD), 'a.json')).toEqual(GOOD);
});

test('rejects any other text with a message that names the file', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => parseCase(text, 'a.json')).toThrow(/^Invalid .*\ba\.json/);
    }),
  );
});
