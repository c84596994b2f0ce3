import { growth, LINEAR } from './growth.js';

test('the measure recognises superlinear growth', () => {
  const quadratic = /x*y/;
  expect(growth('x', '', (text) => quadratic.test(text))).toBeGreaterThan(LINEAR);
});

test('the measure recognises linear growth', () => {
  const linear = /xy/;
  expect(growth('x', '', (text) => linear.test(text))).toBeLessThan(LINEAR);
});
