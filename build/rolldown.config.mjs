import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import { thirdPartyNotices } from './third-party-notices.mjs';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The entries in `exports` and `bin` of package.json. */
const ENTRIES = {
  index: 'index',
  register: 'register',
  'ai-sdk': 'ai-sdk/index',
  query: 'query/index',
  'debug-tab': 'debug-tab/index',
  cli: 'cli/main',
};

/** Modules that a function loads by `require` on demand. Each is an entry. */
const LAZY = {
  recording: 'recording',
  'watch-runs': 'run/watch-runs',
  'page-files': 'debug-tab/page-files',
  'fetch-recorder': 'attempt/fetch-recorder',
  judging: 'attempt/judging',
  'response-usage': 'attempt/response-usage',
  'body-encodings': 'attempt/body/content-encoding',
  'doctor-command': 'doctor/command',
  'doctor-endpoint': 'doctor/endpoint',
  'doctor-environment': 'doctor/environment',
  'case-command': 'cli/case-command',
  'replay-command': 'cli/replay-command',
  'replay-check': 'replay/check',
  'view-command': 'cli/view-command',
  'minimise-command': 'cli/minimise-command',
  delivery: 'delivery/span-delivery',
  spool: 'delivery/spool',
  errors: 'error/classification',
  instruments: 'metrics/instruments',
  'redact-text': 'redact/text',
  'redact-url': 'redact/url',
  'failed-request': 'step/request-shape',
  'wire-facts': 'step/wire-facts',
  provider: 'tracing/provider',
  'span-writer': 'tracing/span-writer',
  'anthropic-reading': 'wire/reading/anthropic',
  'gemini-reading': 'wire/reading/gemini',
  'chat-reading': 'wire/reading/openai-chat',
  'responses-reading': 'wire/reading/openai-responses',
  'ollama-reading': 'wire/reading/ollama',
  'gateway-reading': 'wire/reading/ai-sdk-response',
  'conversations-reading': 'wire/reading/mistral',
  'converse-reading': 'wire/reading/bedrock-converse',
  'invoke-reading': 'wire/reading/bedrock-invoke',
  'cohere-reading': 'wire/reading/cohere',
  'interactions-reading': 'wire/reading/gemini-interactions',
  'predictions-reading': 'wire/reading/replicate',
  'own-reading': 'wire/reading/own-format',
  'live-reading': 'wire/reading/gemini-live',
  'openai-dialogues': 'wire/reading/openai-dialogues',
  'websocket-connection': 'attempt/websocket/connection',
};

/** Entries for runtimes without Node.js. `query` is the same everywhere, and is listed here for its ES module. */
const EDGE = { index: 'edge/index', 'ai-sdk': 'edge/ai-sdk' };
const EDGE_MODULES = { ...EDGE, query: 'query/index' };

const sourceOf = (path) => join(SRC, `${path}.ts`);
const sourcesOf = (entries) =>
  Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, sourceOf(path)]));

/** Keeps the `require` of a lazy module, with another path: all files are in one folder. */
const lazyRequires = {
  name: 'lazy-requires',
  resolveId(source, importer, { kind }) {
    if (kind === 'require-call' && source === 'eventsource-parser')
      return { id: './event-parser.js', external: true };
    if (kind !== 'require-call' || !source.startsWith('.') || !importer?.startsWith(SRC)) return null;
    const path = relative(SRC, join(dirname(importer), source))
      .replaceAll('\\', '/')
      .replace(/\.js$/, '');
    const found = Object.entries(LAZY).find(([, lazy]) => lazy === path);
    if (found === undefined) throw new Error(`${importer} requires ${source}: add it to LAZY`);
    return { id: `./${found[0]}.js`, external: true };
  },
};

/**
 * Modules that are loaded together are in one file, since each file has to be found, read and compiled. The modules of
 * `register` are loaded at start-up, the further ones of `index` with the API, those of `recording` with the first
 * call, and those of `judging` with its response.
 */
const LOADED_BY = [
  ['start', 'register'],
  ['api', 'index'],
  ['calls', 'recording'],
  ['verdict', 'attempt/judging'],
];

const reachedFrom = new Map();
function reached(entry, context) {
  const found = reachedFrom.get(entry) ?? new Set([entry]);
  reachedFrom.set(entry, found);
  // The iteration of a set includes elements that are added during it.
  for (const id of found)
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}

/** Code that several lazy modules share. */
const SHARED = [
  ['opentelemetry', /\/@opentelemetry\/(core|resources|semantic-conventions)\//],
  ['redaction', /\/src\/(redact|repeated-json|error\/(detail|text))/],
  ['request-shape', /\/src\/wire\/(shape\/|content|reading\/(openai-request|values))/],
  ['reading', /\/src\/wire\/(json|stream|[^/]+$|reading\/(parts|openai-(content|usage)))/],
];

function fileOf(id, context) {
  // Its constants are inlined. Only one lazy module needs the list of them.
  if (id === sourceOf('semconv')) return 'semconv';
  if (id.startsWith('\0')) return 'start';
  for (const [file, entry] of LOADED_BY)
    if (id !== sourceOf(entry) && reached(sourceOf(entry), context).has(id)) return file;
  return SHARED.find(([, holds]) => holds.test(id.replaceAll('\\', '/')))?.[0] ?? null;
}

/**
 * V8 stores a file with one byte per character, unless one of them is not in Latin-1. All such characters are in
 * strings, templates and regular expressions, where an escape is equivalent.
 */
const inLatin1 = {
  name: 'in-latin-1',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle))
      if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\xff]/g, escaped);
  },
};
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Files that are served unchanged. */
function copied(...names) {
  return {
    name: 'copied',
    generateBundle() {
      for (const fileName of names) {
        const source = readFileSync(join(SRC, 'ui', fileName), 'utf8');
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}

/** `register` does nothing without Node.js. */
function withRegister(fileName, source) {
  return {
    name: 'with-register',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

const NODE_AT_THE_EDGE = sourceOf('edge/node');

/** The keys of LAZY that a recording without its own pipeline and without WebSockets never loads. */
const NOT_AT_THE_EDGE = [
  ...['delivery', 'spool', 'provider', 'websocket-connection'],
  ...['live-reading', 'openai-dialogues'],
];
const isAbsent = (id) => NOT_AT_THE_EDGE.some((name) => id === lazySource(name));

function lazySource(name) {
  if (LAZY[name] === undefined) throw new Error(`LAZY has no ${name}`);
  return sourceOf(LAZY[name]);
}

const ABSENT = '\0absent';
/** Replaces Node.js by `edge/node.ts`, and bundles all lazy modules into the one file. */
const recordingAtTheEdge = {
  name: 'recording-at-the-edge',
  async resolveId(source, importer, options) {
    if (source.startsWith('node:'))
      return importer === NODE_AT_THE_EDGE ? { id: source, external: true } : NODE_AT_THE_EDGE;
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    if (resolved?.id === lazySource('body-encodings')) return NODE_AT_THE_EDGE;
    return isAbsent(resolved?.id) ? ABSENT : resolved;
  },
  load: (id) => (id === ABSENT ? 'export {};' : null),
};
const GLOBALS = [
  ...['process', 'Buffer', 'globalThis.process', 'globalThis.setTimeout', 'globalThis.clearTimeout'],
  ...['globalThis.setInterval', 'globalThis.clearInterval', 'globalThis.setImmediate'],
];

/** Fails if any other module is in the bundle for browsers. */
const onlyOfBrowsers = {
  name: 'only-of-browsers',
  generateBundle(_, files) {
    const modules = Object.values(files).flatMap(({ moduleIds = [] }) => moduleIds);
    const isAllowed = (id) =>
      id.startsWith('\0') ||
      id === sourceOf('semconv') ||
      /[\\/](src[\\/]ui|node_modules[\\/]preact)[\\/]/.test(id);
    const forbidden = modules.filter((id) => !isAllowed(id));
    if (forbidden.length > 0) throw new Error(`src/ui must not import ${forbidden.join(', ')}`);
  },
};

/** Replaces the module that reads the files of the page by their text. The page is bundled first. */
const pageFiles = {
  name: 'page-files',
  load(id) {
    if (id !== sourceOf('debug-tab/page-files')) return null;
    const texts = ['page.html', 'page.js', 'page.css', 'component.js'].map((name) => [
      name,
      readFileSync(join(SRC, '..', 'dist', 'ui', name), 'utf8'),
    ]);
    return {
      code: `export const PAGE_FILES = ${JSON.stringify(Object.fromEntries(texts))};`,
      moduleType: 'js',
    };
  },
};

/** The Debug tab in the browser: nothing is external, and no source map is served. */
const UI = [
  ['component', thirdPartyNotices()],
  ['page', copied('page.html', 'page.css')],
];

const common = {
  preserveEntrySignatures: 'allow-extension',
  platform: 'node',
  external: ['@opentelemetry/api', /^node:/],
  resolve: { mainFields: ['module', 'main'] },
  optimization: { inlineConst: true },
};
const output = {
  format: 'cjs',
  // The sources that they refer to are published: `src/`.
  sourcemap: true,
  sourcemapExcludeSources: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  comments: { legal: true, annotation: false, jsdoc: false },
};

export default defineConfig([
  ...UI.map(([name, ...plugins]) => ({
    platform: 'browser',
    tsconfig: join(SRC, 'ui', 'tsconfig.json'),
    input: { [name]: sourceOf(`ui/${name}`) },
    optimization: { inlineConst: true },
    plugins: [onlyOfBrowsers, ...plugins],
    output: { format: 'es', dir: 'dist/ui', minify: true, comments: { legal: true } },
  })),
  {
    ...common,
    input: { ...sourcesOf({ ...ENTRIES, ...LAZY }), 'event-parser': 'eventsource-parser' },
    plugins: [lazyRequires, pageFiles, thirdPartyNotices(), inLatin1],
    output: {
      ...output,
      dir: 'dist',
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: fileOf, debugName: 'fileOf' }],
      },
    },
  },
  {
    ...common,
    input: sourcesOf(EDGE),
    plugins: [withRegister('register.js', '')],
    output: { ...output, dir: 'dist/edge' },
  },
  {
    ...common,
    input: sourcesOf(EDGE_MODULES),
    plugins: [withRegister('register.mjs', 'export {};\n')],
    output: {
      ...output,
      format: 'es',
      dir: 'dist/edge',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name].mjs',
    },
  },
  {
    ...common,
    input: { recording: sourceOf('index') },
    platform: 'browser',
    external: ['@opentelemetry/api'],
    plugins: [recordingAtTheEdge, thirdPartyNotices(), inLatin1],
    transform: {
      define: { __filename: '""' },
      inject: Object.fromEntries(
        GLOBALS.map((name) => [name, [NODE_AT_THE_EDGE, name.replace('globalThis.', '')]]),
      ),
    },
    output: {
      format: 'es',
      dir: 'dist/edge',
      entryFileNames: '[name].mjs',
      codeSplitting: false,
      minify: true,
      comments: { legal: true, annotation: false, jsdoc: false },
    },
  },
]);
