import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config.js';
import { WIRE_FORMAT_NAMES } from '../../src/wire/format.js';
import { REPOSITORY } from '../support/child.js';
import { expectTables, table } from './generated.js';
import { type Member, membersOf } from './members.js';
import { bare, read, tableBehind } from './pages.js';

const PAGE = 'docs/options.md';

const options = membersOf(read('src/config/options.ts'), 'ChatDebugOptions');
const { keep, delivery, ...config } = readConfig({}, {});
// The variable accepts "all" for the full list.
expect(config.openSteps).toEqual(WIRE_FORMAT_NAMES);
const defaults: Record<string, unknown> = { ...config, ...keep, ...delivery, openSteps: 'all' };

test.each(options.filter(({ variable }) => variable !== undefined))(
  '$name: its docstring has the correct variable and default',
  ({ name, variable = '', byDefault = '' }) => {
    expect(
      bare(byDefault)
        .replace(/ \(.*\)$/, '')
        .replaceAll(',', ''),
    ).toBe(String(defaults[name] ?? 'none'));
    // Any text is a path.
    if (name === 'spoolDirectory') return;
    expect(() => readConfig({}, { [variable]: '?' })).toThrow(`Invalid ${variable} "?": expected `);
  },
);

test('an option without a variable has no default value in the configuration', () => {
  const without = options.filter(({ variable }) => variable === undefined);
  expect(without.flatMap(({ name }) => defaults[name] ?? [])).toEqual([]);
});

test('every option has a description and is part of the configuration', () => {
  expect(options.filter(({ text, heading }) => text === '' || heading === '')).toEqual([]);
  expect(options.map(({ name }) => name).sort()).toEqual(Object.keys(defaults).filter(isOption).sort());
});

const NO_OPTIONS = [
  'conventions',
  'disabled',
  'exceptionSignal',
  'maxValueLength',
  'resourceDetectors',
  'warnings',
];
const isOption = (name: string): boolean => !NO_OPTIONS.includes(name);

test('docs/options.md is up to date (UPDATE_DOCS=1 writes it)', () => {
  const headings = new Set(options.map(({ heading }) => heading));
  const of = (heading: string) => options.filter((option) => option.heading === heading);
  expectTables(PAGE, new Map([...headings].map((heading) => [heading, tableOf(of(heading))])));
});

test('docs/options.md and docs/otel-variables.md have every OpenTelemetry variable that the code reads', () => {
  const sources = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' });
  const code = sources.filter((name) => name.endsWith('.ts')).map((name) => read(join('src', name)));
  const page = read(PAGE) + read('docs/otel-variables.md');
  const named = new Set(code.join('\n').match(/\bOTEL_\w+[A-Z]\b/g));
  expect(named.size).toBeGreaterThan(9);
  expect([...named].filter((name) => !page.includes(name))).toEqual([]);
});

test("README's options agree with the code", () => {
  const rows = tableBehind('<!-- options -->', read('README.md'));
  const inCode = rows.map(([option]) => options.find(({ name }) => name === bare(option)));
  expect(rows.map((row) => row.slice(0, 3).map(bare))).toEqual(
    inCode.map((option) => [option?.name, option?.variable ?? '', bare(option?.byDefault)]),
  );
  expect(rows.length).toBeGreaterThan(0);
});

function tableOf(members: readonly Member[]): string {
  const rows = members.map(({ name, variable, byDefault = '', text }) => {
    const names = [name, ...(variable === undefined ? [] : [variable])].map((one) => `\`${one}\``);
    return [names.join('<br>'), takes(name), byDefault, text];
  });
  return table(['Option, variable', 'Takes', 'Default', ''], rows);
}

/** The accepted values as the error message names them. The page states the upper bound of numbers once. */
function takes(option: string): string {
  try {
    readConfig({ [option]: Symbol('no value of any option') }, {});
  } catch (error) {
    const [, words = ''] = /: expected (.*)$/.exec(String(error)) ?? [];
    return words.replace(/^an integer (from \d+) to \d+$/, 'an integer $1');
  }
  throw new Error(`${option} accepts anything`);
}
