import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicError, message, messageStream } from '../support/anthropic-replies.js';
import { runNode } from '../support/child.js';
import { content, contentStream, geminiError } from '../support/gemini-replies.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ReceivedRequest, type Reply, type Route, startProvider } from '../support/provider.js';
import { type Cell, INSIDE } from './cell.js';
import type { Trial } from './judge.js';
import { type ModuleForm, PACKAGE, programText, REQUIRE_BANNER } from './program.js';

/** A safety net, also on a busy machine. */
const TIMEOUT_MILLIS = 120_000;

/** Enough time for this package. Other tracing exports no metrics and logs, and queries no cloud or agent. */
const QUIET = {
  CHATDEBUG_EXIT_TIMEOUT_MILLIS: '60000',
  CHATDEBUG_SHUTDOWN_TIMEOUT_MILLIS: '60000',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
};

/** Runs the application of a cell to its end, with its own provider and two endpoints. */
export async function tryCell(cell: Cell, folder: string, name: string, node: string): Promise<Trial> {
  const speaksOtlp = !['sentry', 'dd-trace', 'dd-trace5'].includes(cell.beside ?? '');
  const [provider, chatRuns, application, sink] = await Promise.all([
    startProvider(),
    startOtlpReceiver(),
    startOtlpReceiver(),
    startProvider(),
  ]);
  provider.route(answers(cell.client.retries));
  sink.reply({ type: 'json', body: {} });
  const applicationUrl = speaksOtlp ? application.url : sink.url;
  try {
    const { execPath, argv } = launch(cell, folder, name, node);
    const { code, stdout, stderr } = await runNode(argv, {
      execPath,
      cwd: folder,
      timeoutMillis: TIMEOUT_MILLIS,
      env: {
        ...QUIET,
        PROVIDER_URL: provider.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: chatRuns.url,
        APPLICATION_URL: applicationUrl,
        DD_TRACE_AGENT_URL: applicationUrl,
      },
    });
    return {
      code,
      stdout,
      stderr,
      asked: provider.requests,
      chatRuns: chatRuns.spans,
      application: application.spans,
      reports: sink.requests,
      endpoint: chatRuns.url,
    };
  } finally {
    await Promise.all([provider, chatRuns, application, sink].map((server) => server.close()));
  }
}

const TEXT = 'Take an umbrella.';
const SOON = { 'retry-after-ms': '1' };
const PROBLEM = 'The server had an error';

/** The response, stream and unclassified error of each format, by a part of its path. */
const FORMATS: readonly { path: string; whole: Reply; stream: Reply; failed: Reply }[] = [
  {
    path: '/chat/completions',
    whole: completion(TEXT),
    stream: completionStream(TEXT),
    failed: openaiError(500, null, 'server_error', PROBLEM, SOON),
  },
  {
    path: '/v1/messages',
    whole: message(TEXT),
    stream: messageStream(TEXT),
    failed: anthropicError(500, 'api_error', PROBLEM, SOON),
  },
  {
    path: ':generateContent',
    whole: content(TEXT),
    stream: contentStream(TEXT),
    failed: geminiError(500, 'INTERNAL', PROBLEM),
  },
  {
    path: ':streamGenerateContent',
    whole: content(TEXT),
    stream: contentStream(TEXT),
    failed: geminiError(500, 'INTERNAL', PROBLEM),
  },
];

/** Responds by the word in the prompt: `failing` always fails, `rescued` fails once if the client retries. */
function answers(retries: boolean): Route {
  let rescues = 0;
  return ({ path, body }: ReceivedRequest) => {
    const format = FORMATS.find((candidate) => path.includes(candidate.path));
    if (format === undefined) return undefined;
    const text = body.toString();
    if (text.includes('failing')) return format.failed;
    if (text.includes('rescued') && retries && rescues++ === 0) return format.failed;
    return path.includes(':stream') || text.includes('"stream":true') ? format.stream : format.whole;
  };
}

/** How a program is started. */
interface Launch {
  readonly execPath: string;
  readonly argv: readonly string[];
}

const BUNDLED = { bundled: [], 'bundled, packages external': ['--packages=external'] } as const;

/**
 * Writes the program of a cell and returns how to start it.
 *
 * @param folder the folder of its project
 * @param name the unique name of its files
 * @param node the binary
 */
function launch(cell: Cell, folder: string, name: string, node: string): Launch {
  const { runner, form } = cell;
  const flags = nodeFlags(cell);
  const text = programText({ ...cell, starts: cell.load === 'code' && !INSIDE.includes(cell.beside) });
  const write = (extension: string, content: string): string => {
    const file = join(folder, `${name}.${extension}`);
    writeFileSync(file, content);
    return file;
  };
  if (runner === 'tsx') {
    // TypeScript that is not JavaScript.
    const file = write(form === 'import' ? 'mts' : 'cts', `${text}\ntype Nothing = undefined;\n`);
    return { execPath: node, argv: [join(folder, 'node_modules/tsx/dist/cli.mjs'), ...flags, file] };
  }
  const file = write(extensionOf(form), text);
  if (runner === 'bun') return { execPath: binary(folder, 'bun'), argv: [file] };
  if (runner === 'deno') return { execPath: binary(folder, 'deno'), argv: ['run', '-A', file] };
  if (runner === 'node') return { execPath: node, argv: [...flags, file] };
  return { execPath: node, argv: [...flags, bundle(file, form, folder, BUNDLED[runner])] };
}

const extensionOf = (form: ModuleForm): string => (form === 'import' ? 'mjs' : 'cjs');

const binary = (folder: string, name: string): string => join(folder, 'node_modules', '.bin', name);

/** The modules of `--import` are loaded in order. */
function nodeFlags({ load, beside, order }: Cell): string[] {
  const ours = load === 'code' ? [] : [load, `${PACKAGE}/register`];
  const theirs = beside === undefined ? [] : ['--import', `./${beside}.mjs`];
  return order === 'after' ? [...ours, ...theirs] : [...theirs, ...ours];
}

/** A self-contained bundle is in a folder without packages. */
function bundle(file: string, form: ModuleForm, folder: string, options: readonly string[]): string {
  const target = options.length > 0 ? folder : join(folder, '..', 'bundled');
  mkdirSync(target, { recursive: true });
  const outfile = `${join(target, 'bundle-')}${process.hrtime.bigint()}.${extensionOf(form)}`;
  const format = form === 'import' ? ['--format=esm', REQUIRE_BANNER.replaceAll('"', '')] : ['--format=cjs'];
  execFileSync(
    binary(folder, 'esbuild'),
    [file, '--bundle', '--platform=node', '--log-level=error', ...format, ...options, `--outfile=${outfile}`],
    { cwd: folder },
  );
  return outfile;
}
