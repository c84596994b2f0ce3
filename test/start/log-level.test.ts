import { runNode } from '../support/child.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, PACKAGE } from './support/program.js';

let endpoints: Endpoints;
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

const PROMPT = 'Do I need an umbrella?';
const WORDS = 'Broken by words of a user';
const failed = (status: number) =>
  openaiError(status, null, 'server_error', WORDS, { 'retry-after-ms': '1' });

/** A failed turn, a call outside every run that succeeds at its second attempt, and a request that is not a model call. */
const APP = {
  type: 'module',
  source: `import OpenAI from 'openai';
import { withRun } from '${PACKAGE}';
const client = new OpenAI({ apiKey: 'sk-none', baseURL: process.env.PROVIDER_URL + '/v1', maxRetries: 1 });
const messages = [{ role: 'user', content: ${JSON.stringify(PROMPT)} }];
const ask = () => client.chat.completions.create({ model: 'gpt-4o-mini', messages });
await withRun({ chatId: 'chat-1' }, ask).catch(() => {});
await ask();
await fetch(process.env.PROVIDER_URL + '/weather?key=secret');
await withRun({ capture: 'off' }, ask);`,
} as const;

const LOGGER = `import { DiagLogLevel, diag } from '@opentelemetry/api';
diag.setLogger({ debug: (...line) => console.log(...line), warn() {}, info() {}, error() {}, verbose() {} }, DiagLogLevel.ALL);
`;

async function run(env: Readonly<Record<string, string>>, source: string = APP.source) {
  endpoints.provider.reply(failed(500), failed(500), failed(429), completion('Yes.'));
  const ended = await runNode(
    { ...APP, source },
    { nodeOptions: IMPORT_REGISTER, env: { ...endpoints.env, CHATDEBUG_CAPTURE: 'errors', ...env } },
  );
  expect(ended.code).toBe(0);
  return ended;
}

/** Run ids in order of appearance. */
function outline(text: string): string[] {
  const ids: string[] = [];
  const short = text
    .replaceAll(endpoints.provider.url, 'PROVIDER')
    .replace(/[\da-f]{8}-[\da-f-]{27}/g, (id) => {
      if (!ids.includes(id)) ids.push(id);
      return String.fromCharCode(65 + ids.indexOf(id));
    })
    .replace(/fingerprint [\da-f]{16}/g, 'fingerprint F')
    .replace(' as the process ends', '')
    .replaceAll(/^opentelemetry-instrumentation-chatdebug /gm, '');
  return short.trimEnd().split('\n');
}

const CALL = 'POST PROVIDER/v1/chat/completions (openai-chat)';
const SERVER_ERROR = 'error, kind generic by rule "server error" (status 500)';
const OF_RUN_A = [
  'run A opens: chat_turn of chat chat-1, capture errors',
  'run A, step 1 opens',
  `run A, step 1: ${CALL} is attempt 1: its format opens a step`,
  'run A, step 1 waits for a retry',
  `run A, step 1: ${CALL} is attempt 2: its headers identify it as a retry`,
  'run A, step 1 waits for a retry',
  `run A, step 1 ends: ${SERVER_ERROR}, 2 attempts`,
  'run A, step 1 is evidence to keep its run: kind generic',
  'run A: the budget for fingerprint F keeps it',
  'run A is evidence to keep its run: kind generic',
  `run A is kept (${SERVER_ERROR}, 1 steps)`,
];
const OF_RUN_B = [
  'run B opens: chat_turn, by a request outside every run, capture errors',
  'run B, step 1 opens',
  `run B, step 1: ${CALL} is attempt 1: its format opens a step`,
  'run B, step 1 waits for a retry',
  `run B, step 1: ${CALL} is attempt 2: its headers identify it as a retry`,
  'run B, step 1 ends: completed, 2 attempts',
  'run B is dropped: nothing in it failed with a kind to keep (completed, 1 steps)',
];
const OF_NO_RUN = [
  'GET PROVIDER/weather is not recorded: it is outside every step and in no known format (reported once per host)',
  'a run is not recorded: its capture is off',
  `${CALL} is not recorded: it was made inside a run that is not captured`,
  '2 spans were sent: accepted',
];

test.each(['debug', 'ALL'])('OTEL_LOG_LEVEL=%s logs each decision on standard error', async (level) => {
  const { stderr } = await run({ OTEL_LOG_LEVEL: level });
  const lines = outline(stderr);
  expect(lines[0]).toMatch(/^debug: recording starts: capture errors, keepKinds generic, /);
  const told = lines.slice(1).map((line) => line.replace(/^debug: /, ''));
  const of = (run: string) => told.filter((line) => line.startsWith(run));
  expect(of('run A')).toEqual(OF_RUN_A);
  expect(of('run B')).toEqual(OF_RUN_B);
  expect(told.filter((line) => !line.startsWith('run '))).toEqual(OF_NO_RUN);
  expect(told).toHaveLength(OF_RUN_A.length + OF_RUN_B.length + OF_NO_RUN.length);
  for (const content of [PROMPT, 'umbrella', WORDS, 'secret', 'sk-none'])
    expect(stderr).not.toContain(content);
});

test('a logger of the application gets the lines as well', async () => {
  const { stderr, stdout } = await run({ OTEL_LOG_LEVEL: 'debug' }, LOGGER + APP.source);
  const ofRunA = (text: string) =>
    outline(text)
      .map((line) => line.replace(/^debug: /, ''))
      .filter((line) => line.startsWith('run A'));
  expect([ofRunA(stdout), ofRunA(stderr)]).toEqual([OF_RUN_A, OF_RUN_A]);
});

test('OTEL_LOG_LEVEL=warn logs problems only', async () => {
  endpoints.receiver.respond(() => ({ type: 'json', status: 404, body: {} }));
  const { stderr } = await run({ OTEL_LOG_LEVEL: 'warn' });
  expect(outline(stderr)).toEqual([
    'warn: spans were lost: the endpoint refuses them 2 so far; HTTP 404: nothing accepts traces at this path: check OTEL_EXPORTER_OTLP_ENDPOINT',
  ]);
});

test.each(['', 'error', '70'])('OTEL_LOG_LEVEL=%s logs nothing', async (level) => {
  endpoints.receiver.respond(() => ({ type: 'json', status: 404, body: {} }));
  // Even if the application's own logger accepts everything: it gets the messages of others. OpenTelemetry's exporter
  // logs what it sends, if it sends before the process ends.
  const { stdout } = await run({ OTEL_LOG_LEVEL: level }, LOGGER + APP.source);
  expect(stdout).not.toMatch(/^opentelemetry-instrumentation-chatdebug /m);
  expect((await run({ OTEL_LOG_LEVEL: level })).stderr).toBe('');
});
