import { bodyRedactor } from '../../src/redact/body.js';
import { redactText } from '../../src/redact/text.js';
import { growth, LINEAR } from '../support/growth.js';
import fc, { runs } from '../support/property.js';

/** Prefixes of what the patterns match, to be repeated into text that they must reject. */
const BAIT = [
  ...['a', 'A', '1', '-', '_', '*', '=', ':', '%', '\n', '"', "'", '\\', ' ', '@', '?'],
  ...[
    'sk-',
    'sk-a',
    'sk-aaaaaaaa-',
    'sk-a**',
    'AIza',
    'AIza-',
    'AQ.',
    'ya29.',
    'AKIA',
    'ABSK',
    'IQoJb3JpZ2lu',
  ],
  ...[
    'FwoGZXIvYXdz',
    'bedrock-api-key-',
    'ghp_',
    'github_pat_',
    'glpat-',
    'xox',
    'xoxb-',
    'xoxb.xoxp-',
    'xapp-',
  ],
  ...['sk_live_', 'whsec_', 'npm_', 'hf_', 'SG.', 'SG.aaaaaaaaaaaaaaaaaaaaa', '%20sk-', '\\nsk-', '\\u0022'],
  ...['eyJ', 'eyJ-', 'eyJ.', 'eyJaaaaaaaa', '.eyJaaaaaaaa', '%20eyJ', '****', 'a****', 'a*', ' a****'],
  ...['-----BEGIN ', '-----BEGIN A PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\n-----END', '-----END '],
  ...['Bearer ', 'Bearer auth', 'bearer+', 'Bearer%20', 'Basic ', 'Basic aaaaa', 'Basic Aa'],
  ...['://', '://a:', '://a:b', '://a@', 'a@', '://@', '[REDACTED]'],
  ...[
    '?a',
    '?a=',
    '&key=',
    '%3f',
    '%3fa',
    '%3D',
    'key%3d',
    ' password=',
    'password="',
    "password='",
    'password=\\"',
  ],
  ...[
    'password=;',
    'password=;a ',
    'Headers.append: "',
    '" is an invalid header value',
    ' is not a legal HTTP header value',
    "Header 'a' has invalid value: '",
    'dapi',
    'dapi0123456789abcdef',
    'nvapi-',
    'lsv2_pt_',
    'sk_',
    'JQQJ',
    `${'a'.repeat(52)}JQQJ`,
    '8Q~',
    'token:"',
    "token:'",
    'token: a',
    '"token" : ',
    'password: ',
    '\\u0026key=',
  ],
];
/** Text that no quick check excludes. */
const END = ' @://=****: - _ bearer AKIA %3d "';

test.each(BAIT)('a text of many %j', (unit) => {
  expect(growth(unit, END, redactText)).toBeLessThan(LINEAR);
});

test('for any repeated text', () => {
  const unit = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom(...BAIT));
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 3 }), (units) => {
      expect(growth(units.join(''), END, redactText)).toBeLessThan(LINEAR);
    }),
    { numRuns: runs(60) },
  );
});

test.each(['%3A%2F%2F', '%3A%2F%2Fa%3A', '%3A%2F%2Fa%3Ab%40', '%40', 'a%3A'])(
  'a URL in a parameter of another, of many %j',
  (unit) => {
    expect(growth(unit, '', redactText)).toBeLessThan(LINEAR);
    expect(growth(unit, ' x%40', redactText)).toBeLessThan(LINEAR);
  },
);

const redact = bodyRedactor();
const redactBody = (text: string) => redact({ text, contentType: 'application/json', truncated: false });

test.each([
  '\\n',
  '\\"',
  '\\\\',
  '\\u00e9',
  '\\u0041',
  '\\/',
  ': ',
  '= ',
  'a=',
  '?a=',
  '//',
  '@',
  '://a@',
  '%40',
  'I',
  'SI',
  'yJ',
])('a string of many %j in a body', (unit) => {
  expect(growth(unit, '', (string) => redactBody(`["${string}"]`))).toBeLessThan(LINEAR);
  expect(growth(`${unit}","`, '', (string) => redactBody(`["${string}"]`))).toBeLessThan(LINEAR);
});
