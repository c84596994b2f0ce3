import { Script } from 'node:vm';
import * as aiSdk from '../../src/ai-sdk/index.js';
import * as debugTab from '../../src/debug-tab/index.js';
import * as main from '../../src/index.js';
import * as query from '../../src/query/index.js';
import { codeBlocks, PAGES, read } from './pages.js';

const ENTRIES: Readonly<Record<string, object>> = {
  '': main,
  '/ai-sdk': aiSdk,
  '/debug-tab': debugTab,
  '/edge': main,
  '/query': query,
  '/workers': main,
};
const EXPORT = /^export default /gm;
const IMPORT = /^import (?:type )?(?:[\w*]+ )?\{?([^}'"]*?)\}?(?: from )?'([^']+)';$/gms;

const blocks = PAGES.flatMap((page) =>
  ['js', 'ts'].flatMap((language) =>
    codeBlocks(language, read(page)).map((code) => ({ page, language, code, first: code.split('\n')[0] })),
  ),
);

test.each(blocks.filter(({ language }) => language === 'js'))(
  '$page, "$first": is JavaScript',
  ({ code }) => {
    const statements = code.replaceAll(IMPORT, '').replaceAll(EXPORT, 'void ');
    expect(() => new Script(`async () => {${statements}\n}`)).not.toThrow();
  },
);

const importing = blocks.filter(({ code }) => code.includes("from 'opentelemetry-instrumentation-chatdebug"));

test.each(importing)('$page, "$first": its imports from this package exist', ({ code }) => {
  for (const [, names = '', from = ''] of code.matchAll(IMPORT)) {
    const [, entry] = /^opentelemetry-instrumentation-chatdebug(.*)$/.exec(from) ?? [];
    if (entry === undefined) continue;
    const named = names.split(',').map((name) => name.trim());
    const values = named.filter((name) => name !== '' && !name.startsWith('type '));
    expect(Object.keys(ENTRIES[entry] ?? {})).toEqual(expect.arrayContaining(values));
  }
});
