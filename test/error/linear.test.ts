import fc from 'fast-check';
import { unwrap } from '../../src/error/embedded.js';
import { classifyError, templateOf } from '../../src/error/index.js';
import * as phrase from '../../src/error/phrases.js';
import { statusInText } from '../../src/error/status.js';

/** Beginnings of what the patterns look for, to be repeated into what they must give up on. */
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
];

/** The fastest of several: what a busy machine adds is never part of it. */
function fastest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 7; i += 1) {
    const start = process.hrtime.bigint();
    work();
    best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return best;
}

const SMALL = 2_048;
const TIMES = 16;

/** Time for sixteen times the text over time for the text: 16 where it is linear, 256 where it is quadratic. */
function growth(unit: string, look: (text: string) => void): number {
  const small = unit.repeat(Math.ceil(SMALL / unit.length));
  const large = small.repeat(TIMES);
  look(small);
  look(large);
  // Enough of the small one to be measured, the same amount of text in all.
  const smallTime = fastest(() => {
    for (let i = 0; i < TIMES; i += 1) look(small);
  });
  return (fastest(() => look(large)) / smallTime) * TIMES;
}

const LINEAR = 80;

test.each(BAIT)('classifying a text of %j takes time in proportion to its length', (bait) => {
  expect(growth(bait, (text) => classifyError(new Error(text)))).toBeLessThan(LINEAR);
});

test.each(Object.entries(phrase))('the pattern %s is linear', (_, pattern) => {
  const worst = Math.max(...BAIT.map((bait) => growth(bait, (text) => pattern.test(text))));
  expect(worst).toBeLessThan(LINEAR);
});

test('the status in a text is found in linear time', () => {
  expect(Math.max(...BAIT.map((bait) => growth(bait, statusInText)))).toBeLessThan(LINEAR);
});

test.each([...BAIT, '"a', "'a ", 'parse ', 'Text: ', 'Unexpected token ', 'Type validation failed for '])(
  'the template of a text of %j takes time in proportion to its length',
  (bait) => {
    expect(growth(bait, templateOf)).toBeLessThan(LINEAR);
  },
);

test('what wraps an answer is taken off in linear time', () => {
  expect(Math.max(...BAIT.map((bait) => growth(bait, unwrap)))).toBeLessThan(LINEAR);
});

test('whatever is repeated', () => {
  const unit = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom(...BAIT));
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 3 }), (units) => {
      expect(growth(units.join(''), (text) => classifyError(new Error(text)))).toBeLessThan(LINEAR);
    }),
    { numRuns: 40 },
  );
});

test('the measure tells what is not linear', () => {
  const quadratic = /x*y/;
  expect(growth('x', (text) => quadratic.test(text))).toBeGreaterThan(LINEAR);
});

test('a text of 1 MB costs no more than one of 64 KiB', () => {
  const text = 'status code previous response '.repeat(40_000);
  const look = (error: string) => () => classifyError(new Error(error));
  expect(fastest(look(text)) / fastest(look(text.slice(0, 65_536)))).toBeLessThan(4);
});
