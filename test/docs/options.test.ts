import { readConfig } from '../../src/config/config.js';
import { WIRE_FORMAT_NAMES } from '../../src/wire/format.js';
import { bare, read, tableBehind } from './pages.js';

const rows = tableBehind('<!-- options -->', read('README.md')).map(
  ([option, variable, byDefault]) => [bare(option), bare(variable), bare(byDefault)] as const,
);
const { keep, delivery, ...config } = readConfig({}, {});
// "all" is how the variable says it.
expect(config.openSteps).toEqual(WIRE_FORMAT_NAMES);
const defaults: Record<string, unknown> = { ...config, ...keep, ...delivery, openSteps: 'all' };

test("README's table has every option, in the order of the code", () => {
  const declared = [...read('src/config/options.ts').matchAll(/^ {2}readonly (\w+)\?:/gm)];
  expect(rows.map(([option]) => option)).toEqual(declared.map(([, name]) => name));
});

test("README's table has every variable", () => {
  const declared = [...read('src/config/options.ts').matchAll(/Variable:\s(?:\*\s)?`(\w+)`/g)];
  const variables = rows.flatMap(([, variable]) => (variable === '' ? [] : [variable]));
  expect(variables).toEqual(declared.map(([, name]) => name));
});

test.each(rows.filter(([, variable]) => variable !== ''))('%s: %s, %s', (option, variable, byDefault) => {
  expect(String(defaults[option])).toBe(byDefault.replaceAll(',', ''));
  expect(() => readConfig({}, { [variable]: '?' })).toThrow(`${variable}=?: takes`);
});

test('an option without a variable has no default but what the table says in words', () => {
  const without = rows.filter(([, variable]) => variable === '').map(([option]) => defaults[option]);
  expect(without.flat().filter((value) => value !== undefined)).toEqual([]);
});
