import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import { thirdPartyNotices } from './third-party-notices.mjs';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** What `exports` and `bin` in package.json name. */
const ENTRIES = {
  index: 'index',
  register: 'register',
  'ai-sdk': 'ai-sdk/index',
  query: 'query/index',
  doctor: 'doctor/main',
};

/** What a function loads by `require` when it is needed, each an entry of its own. */
const LAZY = {
  'body-encodings': 'attempt/body/content-encoding',
  'doctor-endpoint': 'doctor/endpoint',
  'doctor-requests': 'doctor/requests',
  'doctor-started': 'doctor/started',
  'doctor-variables': 'doctor/variables',
  delivery: 'delivery/span-delivery',
  'process-end': 'delivery/process-end',
  errors: 'error/classification',
  instruments: 'metrics/instruments',
  'redact-text': 'redact/text',
  'redact-url': 'redact/url',
  'wire-facts': 'step/wire-facts',
  provider: 'tracing/provider',
  'span-writer': 'tracing/span-writer',
  'anthropic-reading': 'wire/anthropic/reading',
  'gemini-reading': 'wire/gemini/reading',
  'chat-reading': 'wire/openai/chat-reading',
  'responses-reading': 'wire/openai/responses-reading',
  'completions-reading': 'wire/openai/completions-reading',
  'ollama-reading': 'wire/ollama/reading',
  'gateway-reading': 'wire/ai-sdk/gateway-reading',
  'conversations-reading': 'wire/mistral/reading',
  'converse-reading': 'wire/bedrock/converse-reading',
  'invoke-reading': 'wire/bedrock/invoke-reading',
  'cohere-reading': 'wire/cohere/reading',
};

/** Where there is no Node.js. */
const EDGE = { index: 'edge/index', register: 'edge/register', 'ai-sdk': 'edge/ai-sdk' };

const sourceOf = (path) => join(SRC, `${path}.ts`);
const sourcesOf = (entries) =>
  Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, sourceOf(path)]));

/** Leaves the `require` of a lazy module as it is, but for its path: all files lie in one folder. */
const lazily = {
  name: 'lazily',
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

/** What `register` reaches, and nothing else, is one file: each file more is one more to find, read and compile. */
function isLoadedAtStart(id, context) {
  if (id.startsWith('\0')) return true;
  return id !== sourceOf('register') && reached(context).has(id);
}

let reachedFromRegister;
function reached(context) {
  reachedFromRegister ??= new Set([sourceOf('register')]);
  // A set gives what is added to it while it is walked.
  for (const id of reachedFromRegister)
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) reachedFromRegister.add(imported);
  return reachedFromRegister;
}

/** What several lazy modules share. */
const SHARED = [
  ['opentelemetry', /\/@opentelemetry\/(core|resources|semantic-conventions)\//],
  ['redaction', /\/src\/(redact|error\/detail)/],
  [
    'request-shape',
    /\/src\/wire\/(shape\/|content|json\/bounded-json|gemini\/members|openai\/request|facts\/defined)/,
  ],
  ['reading', /\/src\/wire\//],
  ['api', /\/src\/api\//],
];

function fileOf(id, context) {
  // Its constants are inlined where they are used; the list of them is wanted by one lazy module.
  if (id === sourceOf('semconv')) return 'semconv';
  if (isLoadedAtStart(id, context)) return 'start';
  return SHARED.find(([, holds]) => holds.test(id.replaceAll('\\', '/')))?.[0] ?? null;
}

const common = {
  preserveEntrySignatures: 'allow-extension',
  platform: 'node',
  external: ['@opentelemetry/api', /^node:/],
  resolve: { mainFields: ['module', 'main'] },
  optimization: { inlineConst: true },
};
const output = {
  format: 'cjs',
  // What they name is published: `src/`.
  sourcemap: true,
  sourcemapExcludeSources: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  comments: { legal: true, annotation: false, jsdoc: false },
};

export default defineConfig([
  {
    ...common,
    input: { ...sourcesOf({ ...ENTRIES, ...LAZY }), 'event-parser': 'eventsource-parser' },
    plugins: [lazily, thirdPartyNotices()],
    output: {
      ...output,
      dir: 'dist',
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: fileOf, debugName: 'fileOf' }],
      },
    },
  },
  { ...common, input: sourcesOf(EDGE), output: { ...output, dir: 'dist/edge' } },
]);
