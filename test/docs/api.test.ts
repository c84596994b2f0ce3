import * as aiSdk from '../../src/ai-sdk/index.js';
import * as debugTab from '../../src/debug-tab/index.js';
import * as main from '../../src/index.js';
import * as query from '../../src/query/index.js';
import { expectTables, table } from './generated.js';
import { membersOf } from './members.js';
import { read } from './pages.js';

const TYPES = read('src/types.ts');

test('the options in docs/api.md are up to date (UPDATE_DOCS=1 writes them)', () => {
  const options = (...interfaces: string[]) =>
    table(
      ['Option', 'Default', ''],
      interfaces
        .flatMap((name) => membersOf(TYPES, name))
        .map(({ name, byDefault = '', text }) => [`\`${name}\``, byDefault, text]),
    );
  expectTables(
    'docs/api.md',
    new Map([
      ['withRun', options('ChatIdentity', 'RunOptions')],
      ['withStep', options('StepOptions')],
    ]),
  );
});

test('docs/api.md has every function and class that the entry points export', () => {
  const page = read('docs/api.md');
  const names = [main, aiSdk, debugTab, query].flatMap(Object.keys);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
});
