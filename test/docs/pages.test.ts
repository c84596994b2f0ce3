import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as semconv from '../../src/semconv.js';
import { REPOSITORY } from '../support/child.js';
import { PAGES, read } from './pages.js';

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link.split('#'));
  for (const [file, anchor] of links) {
    const target = file === '' ? page : join(dirname(page), file ?? '');
    expect([page, target, existsSync(join(REPOSITORY, target))]).toEqual([page, target, true]);
    if (anchor !== undefined) expect(anchors(read(target))).toContain(anchor);
  }
});

function anchors(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('docs/recorded.md has every name on the wire, and no other', () => {
  const page = read('docs/recorded.md');
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

test('the messages in docs/troubleshooting.md are those of the code', async () => {
  const files = await readdir(join(REPOSITORY, 'src'), { recursive: true });
  const source = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(join('src', file)))
    .join();
  const messages = [...read('docs/troubleshooting.md').matchAll(/^\| `(.*?)` +\|/gm)];
  expect(messages.length).toBeGreaterThan(8);
  for (const [, message = ''] of messages) {
    // What is said of a setting is put together, from what it takes; the rest is in the code as it is.
    const words = message.replace(/[A-Z_]+=\S+: (takes (?!an http).*)?/, '').replace(/^takes /, '');
    expect([words, source.includes(words.trim())]).toEqual([words, true]);
  }
});

test('README names what is installed and what is bundled, and nothing else', () => {
  const { dependencies = {}, peerDependencies } = JSON.parse(read('package.json'));
  const notices = read('dist/THIRD-PARTY-NOTICES.txt');
  const bundled = [...notices.matchAll(/^(\S+) \d+\.\d+\.\d+, (?:Apache-2\.0|MIT)$/gm)].map(
    ([, name]) => name,
  );
  const [, section = ''] = read('README.md').split('## What it depends on');
  const lines = [...(section.split('\n## ')[0] ?? '').matchAll(/^- .*$/gm)].join('\n');
  const named = [...lines.matchAll(/`(@opentelemetry\/[\w-]+|eventsource-parser)`/g)].map(([, name]) => name);
  const all = [...Object.keys({ ...dependencies, ...peerDependencies }), ...bundled];
  expect([...new Set(named)].sort()).toEqual(all.sort());
});

test('docs/README.md lists every page beside it, each once', () => {
  const listed = [...read('docs/README.md').matchAll(/^- \[[^\]]+\]\(([\w-]+\.md)\): /gm)];
  const pages = PAGES.flatMap((page) => /^docs\/((?!README).*\.md)$/.exec(page)?.[1] ?? []);
  expect(listed.map(([, page]) => page).sort()).toEqual(pages.sort());
});
