import { Script } from 'node:vm';
import * as aiSdk from '../../src/ai-sdk/index.js';
import * as main from '../../src/index.js';
import * as query from '../../src/query/index.js';
import { codeBlocks, PAGES, read } from './pages.js';

const ENTRIES: Readonly<Record<string, object>> = { '': main, '/ai-sdk': aiSdk, '/query': query };
const IMPORT = /^import (?:type )?(?:[\w*]+ )?\{?([^}'"]*?)\}?(?: from )?'([^']+)';$/gms;

const blocks = PAGES.flatMap((page) =>
  ['js', 'ts'].flatMap((language) =>
    codeBlocks(language, read(page)).map((code) => ({ page, language, code, first: code.split('\n')[0] })),
  ),
);

test.each(blocks.filter(({ language }) => language === 'js'))(
  '$page, "$first": is JavaScript',
  ({ code }) => {
    expect(() => new Script(`async () => {${code.replaceAll(IMPORT, '')}\n}`)).not.toThrow();
  },
);

const importing = blocks.filter(({ code }) => code.includes("from 'opentelemetry-instrumentation-chatdebug"));

test.each(importing)('$page, "$first": what it imports of this package is there', ({ code }) => {
  for (const [, names = '', from = ''] of code.matchAll(IMPORT)) {
    const [, entry] = /^opentelemetry-instrumentation-chatdebug(.*)$/.exec(from) ?? [];
    if (entry === undefined) continue;
    const named = names.split(',').map((name) => name.trim());
    expect(Object.keys(ENTRIES[entry] ?? {})).toEqual(expect.arrayContaining(named.filter(Boolean)));
  }
});
