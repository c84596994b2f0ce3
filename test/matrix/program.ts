import type { Client } from './clients.js';

export const PACKAGE = 'opentelemetry-instrumentation-chatdebug';

export type ModuleForm = 'import' | 'require';

/** Where the turns are taken: in the process that was started, a worker thread or a `cluster` worker of it. */
export type Host = 'process' | 'worker thread' | 'cluster worker';

export interface ProgramOptions {
  readonly client: Client;
  readonly form: ModuleForm;
  readonly host: Host;
  /** Whether it starts recording by itself; otherwise somebody else does, before it. */
  readonly starts: boolean;
}

/** The runs that are to come of these turns, see `expected.ts`. */
const TURNS = `
  await turn('healthy', undefined, () => ask('healthy'));
  await turn('failing', undefined, () => ask('failing')).then(() => { throw new Error('it did not fail') }, () => {});
  await turn('rescued', 'full', () => ask('rescued'));
  await turn('streamed', 'full', () => stream('streamed'));
  await ask('failing').then(() => { throw new Error('it did not fail') }, () => {});`;

/**
 * An application: five turns with a client, each in a span of the application's own where it has any
 * (`globalThis.inSpan`, which a file in `beside/` sets). No statement of it differs by what it is tried with but
 * for how modules are loaded.
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
  // What `require` gives of a built-in module is the module itself.
  if (form === 'require' && from === 'node:cluster') return "const cluster = require('node:cluster');";
  return form === 'import'
    ? `import { ${bind(' as')} } from '${from}';`
    : `const { ${bind(':')} } = require('${from}');`;
}
