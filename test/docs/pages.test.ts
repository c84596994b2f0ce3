import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as semconv from '../../src/semconv.js';
import { REPOSITORY } from '../support/child.js';
import { PAGES, read } from './pages.js';

test.each(PAGES)('the links of %s are valid', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link.split('#'));
  for (const [file, anchor] of links) {
    const target = file === '' ? page : join(dirname(page), file ?? '');
    expect([page, target, existsSync(join(REPOSITORY, target))]).toEqual([page, target, true]);
    if (anchor !== undefined) expect(anchors(read(target))).toContain(anchor);
  }
});

test.each(PAGES.filter((page) => page.startsWith('docs/')))(
  '%s begins with its audience and has at most 150 lines',
  (page) => {
    const lines = read(page).trimEnd().split('\n');
    expect(lines[2]).toMatch(/^This page is for /);
    expect(lines.length).toBeLessThanOrEqual(150);
  },
);

function anchors(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

const RECORDED = ['recorded', 'recorded-steps', 'recorded-errors'];

test('docs/recorded.md and the pages that continue it have every name on the wire, and no other', () => {
  const page = RECORDED.map((name) => read(`docs/${name}.md`)).join('\n');
  const names = Object.values(semconv);
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
  const written = [
    ...page.matchAll(/`((?:chatdebug|gen_ai|http|url|server|error|exception|user)\.[\w.]+)`/g),
  ];
  const known = new Set<string | undefined>(names);
  expect(written.flatMap(([, name]) => (known.has(name) ? [] : [name]))).toEqual([]);
});

test('docs/how-it-works.md has every folder of src', () => {
  const page = read('docs/how-it-works.md');
  const entries = readdirSync(join(REPOSITORY, 'src'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `\`${name}/\``);
  expect(folders.filter((folder) => !page.includes(folder))).toEqual([]);
});

test('the files that docs/how-it-works.md names are in src', () => {
  const named = [...read('docs/how-it-works.md').matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(REPOSITORY, 'src', file)))).toEqual([]);
});

test('the messages in docs/troubleshooting.md and docs/debug-log.md are those of the code', async () => {
  const files = await readdir(join(REPOSITORY, 'src'), { recursive: true });
  const source = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(join('src', file)))
    .join();
  const pages = read('docs/troubleshooting.md') + read('docs/debug-log.md');
  const messages = [...pages.matchAll(/^\| `(.*?)` +\|/gm)];
  expect(messages.length).toBeGreaterThan(40);
  for (const [, message = ''] of messages) {
    // The name and the value of a setting, and what it accepts, are inserted; the rest is in the code.
    const words = message
      .replace(/(Invalid|Ignored) [A-Z_]+ "[^"]*": (expected (?!an http).*)?/, '')
      .replace(/^expected /, '');
    expect([words, source.includes(words.trim())]).toEqual([words, true]);
  }
});

test('docs/dependencies.md names what is installed and what is bundled, and nothing else', () => {
  const { dependencies = {}, peerDependencies } = JSON.parse(read('package.json'));
  const notices = ['dist', 'dist/ui'].map((folder) => read(`${folder}/THIRD-PARTY-NOTICES.txt`)).join('\n');
  const bundled = [...notices.matchAll(/^(\S+) \d+\.\d+\.\d+, (?:Apache-2\.0|MIT)$/gm)].map(
    ([, name]) => name,
  );
  const lines = [...read('docs/dependencies.md').matchAll(/^- .*$/gm)].join('\n');
  const named = [
    ...lines.matchAll(
      /`(@opentelemetry\/[\w-]+|compare-versions|eventsource-parser|leven|node-sqlite3-wasm|preact)`/g,
    ),
  ].map(([, name]) => name);
  const all = [...Object.keys({ ...dependencies, ...peerDependencies }), ...bundled];
  expect([...new Set(named)].sort()).toEqual(all.sort());
});

test('docs/README.md lists every page beside it, each once', () => {
  const listed = [...read('docs/README.md').matchAll(/^- \[[^\]]+\]\(([\w-]+\.md)\): /gm)];
  const pages = PAGES.flatMap((page) => /^docs\/((?!README).*\.md)$/.exec(page)?.[1] ?? []);
  expect(listed.map(([, page]) => page).sort()).toEqual(pages.sort());
});
