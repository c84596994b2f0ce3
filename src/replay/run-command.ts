import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Environment } from '../config/setting.js';

/** The base URL variables of SDKs, and the path that they expect. */
const BASE_URLS: readonly (readonly [variable: string, path: string])[] = [
  // openai for JavaScript and Python, @ai-sdk/openai, AzureOpenAI without an endpoint.
  ['OPENAI_BASE_URL', '/v1'],
  ['OPENAI_API_BASE', '/v1'],
  // @anthropic-ai/sdk and anthropic for Python; @ai-sdk/anthropic would have /v1 here, and the replay accepts any path.
  ['ANTHROPIC_BASE_URL', ''],
  // @google/genai and google-genai for Python.
  ['GOOGLE_GEMINI_BASE_URL', ''],
  ['GOOGLE_VERTEX_BASE_URL', ''],
  // AWS SDKs.
  ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', ''],
  // ollama for Python.
  ['OLLAMA_HOST', ''],
];

/** SDKs send nothing without a key. */
const KEYS: readonly string[] = [
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'COHERE_API_KEY',
  'MISTRAL_API_KEY',
  'GROQ_API_KEY',
  'REPLICATE_API_TOKEN',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
];

const DUMMY_KEY = 'replay';

/**
 * The environment of a program that uses a replay: the base URL variables of the known SDKs, dummy keys where none are
 * set, and no proxy for loopback.
 *
 * @param url the URL of the replay
 * @param provider `gen_ai.provider.name` of the case
 */
export function replayEnvironment(env: Environment, url: string, provider: string | undefined): Environment {
  const isAzure = provider?.startsWith('azure') === true;
  const bases = Object.fromEntries(BASE_URLS.map(([variable, path]) => [variable, url + path]));
  // AzureOpenAI rejects both together.
  const azure = {
    AZURE_OPENAI_ENDPOINT: url,
    ...(isAzure && { OPENAI_BASE_URL: undefined, OPENAI_API_VERSION: '2024-10-21' }),
  };
  const keys = Object.fromEntries(KEYS.map((name) => [name, env[name] || DUMMY_KEY]));
  // Google's SDK warns if both of its names are set.
  const google = env['GOOGLE_API_KEY'] ? { GEMINI_API_KEY: env['GEMINI_API_KEY'] } : {};
  const aws = { AWS_REGION: env['AWS_REGION'] || 'us-east-1' };
  const noProxy = [env['NO_PROXY'] ?? env['no_proxy'], '127.0.0.1'].filter(Boolean).join(',');
  return { ...env, ...keys, ...google, ...aws, ...bases, ...azure, NO_PROXY: noProxy, no_proxy: noProxy };
}

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface CommandEnded {
  /** The exit code; 128 plus the number of a signal; 127 if the command does not exist, 126 if it can't be executed. */
  readonly code: number;
  readonly problem?: string | undefined;
}

/**
 * Runs a command with the standard streams of this process. Signals that would end this process are forwarded.
 */
export function runCommand(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<CommandEnded> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...env } });
    // A terminal sends Ctrl-C to both, but `kill` only to this process.
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, forward);
    const end = (ended: CommandEnded): void => {
      for (const signal of SIGNALS) process.off(signal, forward);
      resolve(ended);
    };
    child.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'ENOENT') end({ code: NOT_FOUND, problem: `Command not found: ${command}` });
      else end({ code: NOT_EXECUTABLE, problem: `Cannot run ${command}: ${code ?? message}` });
    });
    child.on('exit', (code, signal) => {
      end({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
    });
  });
}

export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of SIGNALS) process.off(signal, stop);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}
