import type { Client } from './clients.js';

export const PACKAGE = 'opentelemetry-instrumentation-chatdebug';

/**
 * esbuild keeps the `require` of Node's own modules, which an ES module does not have. This argument of a shell is what
 * its documentation recommends.
 */
export const REQUIRE_BANNER =
  '--banner:js="import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url);"';

export type ModuleForm = 'import' | 'require';

/** Where the turns run: in the started process, in a worker thread or in a `cluster` worker of it. */
export type Host = 'process' | 'worker thread' | 'cluster worker';

export interface ProgramOptions {
  readonly client: Client;
  readonly form: ModuleForm;
  readonly host: Host;
  /** Whether it starts recording by itself. */
  readonly starts: boolean;
}

/** `expectedRuns` in `judge.ts` has their runs. */
const TURNS = `
  await turn('healthy', undefined, () => ask('healthy'));
  await turn('failing', undefined, () => ask('failing')).then(() => { throw new Error('expected a failure') }, () => {});
  await turn('rescued', 'full', () => ask('rescued'));
  await turn('streamed', 'full', () => stream('streamed'));
  await ask('failing').then(() => { throw new Error('expected a failure') }, () => {});`;

/**
 * An application: five turns with a client, each in a span of the application if it has its own tracing
 * (`globalThis.inSpan`, which a file in `beside/` sets). Cells differ only in how modules are loaded.
 */
export function programText({ client, form, host, starts }: ProgramOptions): string {
  const modules: Client['imports'] = {
    [PACKAGE]: {
      withRun: 'withRun',
      withStep: 'withStep',
      ...(starts ? { startChatDebug: 'startChatDebug' } : {}),
      ...(client.recordedBy === undefined ? {} : { [client.recordedBy]: client.recordedBy }),
    },
    ...client.imports,
    ...(host === 'worker thread'
      ? { 'node:worker_threads': { Worker: 'Worker', isMainThread: 'isMainThread' } }
      : {}),
    ...(host === 'cluster worker' ? { 'node:cluster': { default: 'cluster' } } : {}),
  };
  return `${Object.entries(modules)
    .map(([from, names]) => loading(form, from, names))
    .join('\n')}
${host === 'process' ? 'main();' : HOSTED[host](form)}

async function main() {
  ${starts ? 'const chatDebug = startChatDebug();' : ''}
  ${client.setUp}
  const drain = async (stream) => { for await (const _ of stream); };
  const ask = async (prompt) => { await ${client.ask}; };
  const stream = async (prompt) => { await ${client.stream}; };
  const inSpan = globalThis.inSpan ?? ((act) => act());
  const turn = (chatId, capture, act) => inSpan(() => withRun({ chatId, capture }, act));
${TURNS}
  ${starts ? 'await chatDebug.shutdown();' : ''}
  await globalThis.stopApplication?.();
  ${host === 'cluster worker' ? 'process.exit();' : ''}
}
`;
}

const HOSTED: Readonly<Record<Exclude<Host, 'process'>, (form: ModuleForm) => string>> = {
  'worker thread': (form) =>
    `if (isMainThread) new Worker(${form === 'import' ? 'new URL(import.meta.url)' : '__filename'}); else main();`,
  'cluster worker': () => `if (cluster.isPrimary) cluster.fork(); else main();`,
};

function loading(form: ModuleForm, from: string, names: Readonly<Record<string, string>>): string {
  const bind = (sign: string) =>
    Object.entries(names)
      .map(([name, local]) => `${name}${sign} ${local}`)
      .join(', ');
  // `require` returns a built-in module itself.
  if (form === 'require' && from === 'node:cluster') return "const cluster = require('node:cluster');";
  return form === 'import'
    ? `import { ${bind(' as')} } from '${from}';`
    : `const { ${bind(':')} } = require('${from}');`;
}
