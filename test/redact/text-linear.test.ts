import fc from 'fast-check';
import { redactText } from '../../src/redact/text';
import { growth, LINEAR } from './growth';

/** Beginnings of what is looked for, to be repeated into what must be given up on. */
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
    'token:"',
    "token:'",
    'token: a',
    '"token" : ',
    'password: ',
    '\\u0026key=',
  ],
];
/** What no cheap look beforehand stops at. */
const END = ' @://=****: - _ bearer AKIA %3d "';

test.each(BAIT)('linear in the length: %j', (unit) => {
  expect(growth(unit, END, redactText)).toBeLessThan(LINEAR);
});

test('whatever is repeated', () => {
  const unit = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom(...BAIT));
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 3 }), (units) => {
      expect(growth(units.join(''), END, redactText)).toBeLessThan(LINEAR);
    }),
    { numRuns: 60 },
  );
});

test('the measure tells what is not linear', () => {
  const quadratic = /x*y/;
  expect(growth('x', '', (text) => quadratic.test(text))).toBeGreaterThan(LINEAR);
});
