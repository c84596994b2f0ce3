import { redactText } from '../../src/redact/text.js';

const R = '[REDACTED]';

test.each([
  ['see https://a/?db=x%3A%2F%2Fme%3Apw%40db%2Fa ok', `see https://a/?db=x%3A%2F%2F${R}%40db%2Fa ok`],
  ['x%3a%2f%2fme%3apw%40db', `x%3a%2f%2f${R}%40db`],
  ['x%3A%2F%2Ftoken%40db', `x%3A%2F%2F${R}%40db`],
  ['x%3A%2F%2Fme%3Ap%2Fw%3F%40db', `x%3A%2F%2F${R}%40db`],
  ['x%3A%2F%2Fme%3Ap%40w%40db%2Fa', `x%3A%2F%2F${R}%40db%2Fa`],
  ['a%3A%2F%2Fm%3Ap%40b&c%3A%2F%2Fd%3Ae%40f', `a%3A%2F%2F${R}%40b&c%3A%2F%2F${R}%40f`],
])('a URL in a parameter of another loses its user info: %s', (text, redacted) => {
  expect(redactText(text)).toBe(redacted);
  expect(redactText(redacted)).toBe(redacted);
});

test.each([
  'https://a/?mail=me%40b.example',
  'x%3A%2F%2Fhost%3A8080%2Fa%40b',
  'x%3A%2F%2Fhost%2F%40vite%2Fclient',
  'x%3A%2F%2Fhost and me%40b',
])('has none: %s', (text) => {
  expect(redactText(text)).toBe(text);
});
