import { classifyError, templateOf } from '../../src/error/index.js';
import * as phrase from '../../src/error/phrases.js';
import { statusInText, unwrap, withoutLinks, withoutRequestNames } from '../../src/error/text.js';
import { growth, LINEAR, leastTime } from '../support/growth.js';
import fc, { runs } from '../support/property.js';

/** Prefixes of what the patterns match, to be repeated into text that they must reject. */
const BAIT = [
  ' ',
  'x',
  '{"',
  '[{',
  '<',
  '<title',
  '\n\t ',
  'stream ',
  'stream id 5',
  'previous response ',
  'previous_response_id not ',
  'status code ',
  'status: ',
  'http/1.1 ',
  '500 ',
  ':503',
  'rate-limit',
  'time-out',
  'invalid model',
  'api key ',
  'sk-',
  'Bearer ',
  'https://a:b@',
  'eyJ',
  'provided without its required ',
  "'code': ",
  '"message":\'',
  'a.b[c].',
  '/-',
  '[',
  '(',
  '.a-',
  'unknown parameter: ',
  'must ',
  'https://x?a=b&',
  '%3d?',
  'POST "',
  ': 400 ',
  '{"a":[{}',
  'api_key_ ',
];

test.each(BAIT)('classifying a text of %j takes time in proportion to its length', (bait) => {
  expect(growth(bait, '', (text) => classifyError(new Error(text)))).toBeLessThan(LINEAR);
});

test.each(Object.entries(phrase))('the pattern %s is linear', (_, pattern) => {
  const worst = Math.max(...BAIT.map((bait) => growth(bait, '', (text) => pattern.test(text))));
  expect(worst).toBeLessThan(LINEAR);
});

test('the status in a text is found in linear time', () => {
  expect(Math.max(...BAIT.map((bait) => growth(bait, '', statusInText)))).toBeLessThan(LINEAR);
});

test.each([...BAIT, '"a', "'a ", 'parse ', 'Text: ', 'Unexpected token ', 'Type validation failed for '])(
  'the template of a text of %j takes time in proportion to its length',
  (bait) => {
    expect(growth(bait, '', templateOf)).toBeLessThan(LINEAR);
  },
);

test('unwrapping a response takes linear time', () => {
  expect(Math.max(...BAIT.map((bait) => growth(bait, '', unwrap)))).toBeLessThan(LINEAR);
});

test.each([withoutLinks, withoutRequestNames])(
  'removing text without evidence takes linear time: %p',
  (take) => {
    expect(Math.max(...BAIT.map((bait) => growth(bait, '', take)))).toBeLessThan(LINEAR);
  },
);

test('for any repeated text', () => {
  const unit = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom(...BAIT));
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 3 }), (units) => {
      expect(growth(units.join(''), '', (text) => classifyError(new Error(text)))).toBeLessThan(LINEAR);
    }),
    { numRuns: runs(40) },
  );
});

test('a text of 1 MB costs no more than one of 64 KiB', () => {
  const text = 'status code previous response '.repeat(40_000);
  const look = (error: string) => () => classifyError(new Error(error));
  expect(leastTime(look(text)) / leastTime(look(text.slice(0, 65_536)))).toBeLessThan(4);
});
