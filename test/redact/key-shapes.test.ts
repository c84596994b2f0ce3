import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_SHAPES, type KeyShape, SIGNED_KEY_SHAPES } from '../../src/redact/key-shapes';
import { redactShapes } from '../../src/redact/shapes';
import { redactText } from '../../src/redact/text';
import { expectTables, table } from '../docs/generated.js';
import fc, { runs } from '../support/property.js';
import { SECRETS } from './secrets';

const R = '[REDACTED]';
const ROOT = join(__dirname, '../..');

/** Keys of this shape, of its minimum length or longer. */
function keysOf({ prefixes, alphabet, minLength, mustHave }: KeyShape): fc.Arbitrary<string> {
  const start = mustHave === undefined ? '' : '[A-Za-z]{2}[0-9]';
  return fc
    .tuple(
      fc.constantFrom(...prefixes),
      fc.stringMatching(new RegExp(`^${start}${alphabet}{${minLength},90}$`)),
    )
    .map((parts) => parts.join(''));
}

const rows = KEY_SHAPES.map((shape) => [shape.prefixes.join(' '), shape] as const);
const generated = rows.filter(([, { pattern }]) => pattern === undefined);

test.each(generated)('%s: a key is removed as a whole', (_prefixes, shape) => {
  fc.assert(
    fc.property(keysOf(shape), (key) => {
      expect(redactText(`(${key})`)).toBe(`(${R})`);
      expect(redactText(JSON.stringify({ note: `key\n${key}` }))).toBe(JSON.stringify({ note: `key\n${R}` }));
    }),
    { numRuns: runs(40) },
  );
});

test.each(rows.filter(([, { pattern }]) => pattern !== undefined))(
  '%s: random keys are among the secrets of the other tests',
  (_prefixes, { prefixes }) => {
    const keys = Object.values(SECRETS).flatMap((secrets) => fc.sample(secrets, 1));
    expect(keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)))).not.toEqual([]);
  },
);

test.each(SIGNED_KEY_SHAPES.map((shape) => [shape.issuer, shape] as const))(
  'a key of %s is removed as a whole',
  (_issuer, { before, signature, after }) => {
    const part = (pattern: string) => fc.stringMatching(new RegExp(`^${pattern}$`));
    fc.assert(
      fc.property(part(before), part(after), (start, end) => {
        const key = start + signature + end;
        expect(redactText(`(${key})`)).toBe(`(${R})`);
        expect(redactText(`a\\n${key} %20${key}`)).toBe(`a\\n${R} %20${R}`);
      }),
    );
  },
);

test('every row has its sources, and the date they were checked', () => {
  for (const { source, checked } of [...KEY_SHAPES, ...SIGNED_KEY_SHAPES]) {
    expect(source).toMatch(/^https:\/\/\S+$/);
    expect(checked).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
  }
  const prefixes = KEY_SHAPES.flatMap((shape) => shape.prefixes);
  expect(prefixes).toEqual([...new Set(prefixes)]);
});

test('docs/redaction-keys.md lists every prefix (UPDATE_DOCS=1 writes it)', () => {
  const issuers = new Map<string, string[]>();
  for (const { issuer, prefixes } of KEY_SHAPES) {
    issuers.set(issuer, [...(issuers.get(issuer) ?? []), ...prefixes.map((prefix) => `\`${prefix}…\``)]);
  }
  const rows = [...issuers].map(([issuer, prefixes]) => [issuer, prefixes.join(', ')]);
  expectTables('docs/redaction-keys.md', new Map([['key shapes', table(['Issuer', 'Beginning'], rows)]]));
});

/** Recorded responses of providers, prose and code. */
const CORPORA = [
  ...filesIn('test/fixtures/wire', /./),
  ...filesIn('test/fixtures/conventions', /./),
  'test/fixtures/field-cases.json',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...filesIn('docs', /^(?!redaction(?:-keys)?\.md).*\.md$/),
  ...filesIn('node_modules/openai', /\.(?:md|d\.ts)$/),
  ...filesIn('node_modules/zod', /\.md$/),
  ...filesIn('node_modules/undici/docs/docs/api', /\.md$/),
  'node_modules/typescript/README.md',
];

function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => name.test(file))
    .map((file) => join(folder, file));
}

test.each(CORPORA)('nothing in %s has the shape of a key', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\r|(?:Bearer|Basic) \S+/gi, '');
  for (const line of text.split('\n')) expect(redactShapes(line)).toBe(line);
});

describe('no key:', () => {
  const word = fc.constantFrom(
    ...'the model version loading indicator my next response for a list of items'.split(' '),
  );
  const prefix = fc.constantFrom(...KEY_SHAPES.flatMap(({ prefixes }) => prefixes), 'JQQJ', '8Q~');
  const hex = (length: number) =>
    fc
      .uint8Array({ minLength: length / 2, maxLength: length / 2 })
      .map((bytes) => Buffer.from(bytes).toString('hex'));

  test.each<[string, fc.Arbitrary<string>]>([
    [
      'words after a prefix',
      fc.tuple(prefix, fc.array(word, { maxLength: 6 })).map(([one, words]) => one + words.join('_')),
    ],
    [
      'words with dashes',
      fc.tuple(prefix, fc.array(word, { maxLength: 6 })).map(([one, words]) => one + words.join('-')),
    ],
    [
      'words after a prefix and a space',
      fc.tuple(prefix, fc.array(word)).map(([one, words]) => `${one} ${words.join(' ')}`),
    ],
    ['UUIDs', fc.uuid()],
    ['hashes', fc.oneof(hex(32), hex(40), hex(64), hex(128))],
    [
      'ids',
      fc
        .tuple(
          fc.constantFrom('req_', 'msg_', 'toolu_', 'call_', 'chatcmpl-', 'resp_', 'run-', 'file-', 'org-'),
          hex(48),
        )
        .map((parts) => parts.join('')),
    ],
    [
      'images in base64',
      fc.uint8Array({ minLength: 1, maxLength: 3_000 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    ],
  ])('%s', (_name, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(redactShapes(text)).toBe(text);
      }),
      { numRuns: runs(500) },
    );
  });
});
