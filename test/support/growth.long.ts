import { growth, LINEAR } from './growth.js';

test('the measure tells what is not linear', () => {
  const quadratic = /x*y/;
  expect(growth('x', '', (text) => quadratic.test(text))).toBeGreaterThan(LINEAR);
});

test('the measure tells what is linear', () => {
  const linear = /xy/;
  expect(growth('x', '', (text) => linear.test(text))).toBeLessThan(LINEAR);
});
