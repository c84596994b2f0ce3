import { dirname, join } from 'node:path';
import { read } from './pages.js';

const ENTRIES = ['src/index.ts', 'src/ai-sdk/index.ts', 'src/debug-tab/index.ts', 'src/query/index.ts'];

/** Every name that an entry exports, with the file that declares it. */
function exportsOf(file: string): [name: string, file: string][] {
  return [...read(file).matchAll(/^export (?:type )?\{([^}]*)\} from '(.*)\.js';/gm)].flatMap(
    ([, names = '', from = '']) => {
      const source = join(dirname(file), `${from}.ts`);
      return names
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter((name) => name !== '')
        .map((name): [string, string] => declaredIn(name, source));
    },
  );
}

function declaredIn(name: string, file: string): [name: string, file: string] {
  if (declaration(name).test(read(file))) return [name, file];
  const passedOn = exportsOf(file).find(([passed]) => passed === name);
  if (passedOn === undefined) throw new Error(`${file} does not declare ${name}`);
  return passedOn;
}

const declaration = (name: string, before = ''): RegExp =>
  new RegExp(`^${before}export (?:async )?(?:interface|type|class|function|const) ${name}\\b`, 'm');

test.each(ENTRIES)('every name of %s has a docstring', (entry) => {
  const names = exportsOf(entry);
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter(([name, file]) => !declaration(name, '.*\\*/\\n').test(read(file)))).toEqual([]);
});
