import { ERROR_KINDS } from '../../src/error/index.js';
import type { ChatDebugOptions } from '../../src/index.js';
import { ChatDebugConfigError, ChatDebugInstrumentation, startChatDebug } from '../../src/index.js';
import { processState } from '../../src/process-state.js';
import { runNode } from '../support/child.js';
import { IMPORT_REGISTER, program, REQUIRE_REGISTER } from './support/program.js';

const COUNT = (min: number) => `an integer from ${min} to 536870912`;
const CAPTURES = 'errors, full or off';
const KINDS = `a list of ${ERROR_KINDS.slice(0, -1).join(', ')} or ${ERROR_KINDS.at(-1)}`;

const FORMATS =
  'a list of openai-chat, openai-responses, openai-completions, anthropic-messages, gemini-generate-content, gemini-interactions, bedrock-converse, bedrock-invoke, cohere-chat, ollama, mistral-conversations, ai-gateway, replicate-predictions, openai-realtime or gemini-live; the variable also all or none';

const OWN_FORMATS = 'a list of objects { name, match, like, request, response, streamEvent }';

/** For each option, the accepted values, and invalid values as the error shows them. */
const OPTIONS: Record<keyof ChatDebugOptions, [expected: string, ...[unknown, string][]]> = {
  capture: [CAPTURES, ['everything', '"everything"'], [true, 'true'], [null, 'null']],
  captureFor: ['a function', ['full', '"full"'], [{ chat: 'full' }, '[Object]']],
  keepKinds: [KINDS, ['generic', '"generic"'], [['generic', 'odd'], '["generic", "odd"]'], [[1], '[1]']],
  keepPerFingerprint: [COUNT(1), [0, '0'], ['30', '"30"']],
  keepPerMinute: [COUNT(1), [0, '0'], [-1, '-1']],
  onKeep: ['a function', ['tell', '"tell"'], [{ onKeep: true }, '[Object]']],
  failureContent: [
    'true, false, ask, or as an option a function',
    ['yes', '"yes"'],
    [1, '1'],
    [{}, '[Object]'],
  ],
  failureContentBytes: [COUNT(1_024), [1_023, '1023']],
  attemptsAs: ['events, spans or both', ['event', '"event"'], [['spans'], '["spans"]']],
  retain: ['failing or run', ['all', '"all"'], [1, '1']],
  decide: ['process or collector', ['nobody', '"nobody"'], [['process'], '["process"]']],
  openSteps: [FORMATS, ['openai-chat', '"openai-chat"'], [['openai'], '["openai"]']],
  formats: [OWN_FORMATS, ['acme', '"acme"'], [['acme'], '["acme"]'], [{ name: 'acme' }, '[Object]']],
  recordUnknown: ['a function', [true, 'true'], [['/v1'], '["/v1"]']],
  runFor: ['a function', [{ kind: 'quickgen' }, '[Object]']],
  pipeline: ['own or app', ['application', '"application"']],
  exporter: ['a SpanExporter', ['otlp', '"otlp"'], [{ headers: { authorization: 'key' } }, '[Object]']],
  serviceName: ['a non-empty string', ['', '""'], [1, '1'], [Symbol('name'), 'Symbol(name)']],
  maxBodyBytes: [
    COUNT(0),
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    ['50000', '"50000"'],
    [2 ** 30, '1073741824'],
  ],
  maxAttempts: [COUNT(2), [1, '1'], [Number.POSITIVE_INFINITY, 'Infinity'], [10n, '10']],
  maxSteps: [COUNT(1), [0, '0'], [null, 'null']],
  maxRuns: [COUNT(1), [0, '0'], [false, 'false']],
  maxRunBytes: [COUNT(0), [-1, '-1']],
  maxBytes: [COUNT(0), [-1, '-1']],
  lingerMillis: [COUNT(0), [-1, '-1'], [() => 1, '[Function]']],
  stallMillis: [COUNT(0), [-1, '-1'], ['60s', '"60s"']],
  idleMillis: [COUNT(1), [0, '0'], [[1, [2]], '[1, [Array]]']],
  maxQueueSpans: [COUNT(1), [0, '0']],
  maxQueueBytes: [COUNT(1), [0, '0']],
  exitTimeoutMillis: [COUNT(0), [-1, '-1']],
  shutdownTimeoutMillis: [COUNT(0), [-1, '-1']],
  spoolDirectory: [
    'the path of a directory',
    [3, '3'],
    ['', '""'],
    [true, 'true'],
    [new URL('file:///tmp'), '[Object]'],
  ],
  spoolMaxBytes: [COUNT(65_536), [65_535, '65535']],
  spoolMaxAgeMillis: [COUNT(1), [0, '0']],
  errorText: ['template, full or none', ['short', '"short"']],
  rawBodies: ['all, failed or none', ['some', '"some"'], [true, 'true']],
  usageMetrics: ['true or false', ['yes', '"yes"'], [1, '1']],
  chunkMetrics: ['true or false', ['yes', '"yes"'], [1, '1']],
  captureContent: ['true or false', ['yes', '"yes"'], [1, '1']],
  redactHeaders: [
    'a list of names',
    ['x-key', '"x-key"'],
    [['x-key', ''], '["x-key", ""]'],
    [[Object.create(null)], '[[Object]]'],
  ],
  redactQuery: ['a list of names', [{ sig: true }, '[Object]'], [[1], '[1]']],
  redactKeys: ['a list of names', ['ssn', '"ssn"'], [[null], '[null]']],
  redactPatterns: [
    'a list of regular expressions without the flag y',
    ['secret', '"secret"'],
    [['secret'], '["secret"]'],
    [[/a/, /b/y], '[[Object], [Object]]'],
  ],
  redactExcept: ['a list of names', ['x-key', '"x-key"'], [[/x/], '[[Object]]']],
  redact: ['a function', ['secret', '"secret"'], [/secret/, '[Object]']],
};

/** The same for each variable. */
const VARIABLES: Record<string, [expected: string, ...string[]]> = {
  CHATDEBUG_CAPTURE: [CAPTURES, 'everything', 'FULL', 'full,off'],
  CHATDEBUG_KEEP_KINDS: [KINDS, 'odd', 'generic,', 'generic;timeout'],
  CHATDEBUG_KEEP_PER_FINGERPRINT: [COUNT(1), '0', 'few'],
  CHATDEBUG_KEEP_PER_MINUTE: [COUNT(1), '0', '300/min'],
  CHATDEBUG_RETAIN: ['failing or run', 'all'],
  CHATDEBUG_USAGE_METRICS: ['true or false', 'yes', '1'],
  CHATDEBUG_DECIDE: ['process or collector', 'nobody'],
  CHATDEBUG_FAILURE_CONTENT: ['true, false, ask, or as an option a function', 'yes', 'TRUE'],
  CHATDEBUG_FAILURE_CONTENT_BYTES: [COUNT(1_024), '100', '64k'],
  CHATDEBUG_PIPELINE: ['own or app', 'application'],
  CHATDEBUG_ERROR_TEXT: ['template, full or none', 'short'],
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: ['true or false', 'yes', '1'],
  CHATDEBUG_OPEN_STEPS: [FORMATS, 'openai', 'none,openai-chat'],
  CHATDEBUG_MAX_BODY_BYTES: [COUNT(0), '-1', '50k', '0x10', '1e3', '99999999999999999999'],
  CHATDEBUG_MAX_ATTEMPTS: [COUNT(2), '1', 'many'],
  CHATDEBUG_MAX_STEPS: [COUNT(1), '0'],
  CHATDEBUG_MAX_RUNS: [COUNT(1), '0'],
  CHATDEBUG_MAX_RUN_BYTES: [COUNT(0), '1MB'],
  CHATDEBUG_MAX_BYTES: [COUNT(0), '1GB'],
  CHATDEBUG_LINGER_MILLIS: [COUNT(0), '30s', '1.5'],
  CHATDEBUG_IDLE_MILLIS: [COUNT(1), '0', '5 minutes'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['an http or https URL', 'localhost:4318', '//x', 'grpc://collector:4317'],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['an http or https URL', 'collector'],
};

afterEach(async () => {
  for (const name of Object.keys(VARIABLES)) delete process.env[name];
  delete process.env['OTEL_SDK_DISABLED'];
  await processState().started?.handle.shutdown();
});

const started = () => processState().started;

const optionCases = Object.entries(OPTIONS).flatMap(([name, [expected, ...values]]) =>
  values.map(([value, shown]) => ({
    name,
    value,
    message: `Invalid option ${name} ${shown}: expected ${expected}`,
  })),
);

test.each(optionCases)('$message', ({ name, value, message }) => {
  const options = { [name]: value };
  expect(() => startChatDebug(options)).toThrow(
    new ChatDebugConfigError(`option ${name}`, value, message.split(': expected ')[1] ?? ''),
  );
  expect(() => startChatDebug(options)).toThrow(message);
  expect(() => new ChatDebugInstrumentation(options)).toThrow(message);
  expect(started()).toBeUndefined();
});

const variableCases = Object.entries(VARIABLES).flatMap(([name, [expected, ...values]]) =>
  values.map((value) => ({ name, value, message: `Invalid ${name} "${value}": expected ${expected}` })),
);

test.each(variableCases)('$message', ({ name, value, message }) => {
  process.env[name] = value;
  expect(() => startChatDebug()).toThrow(ChatDebugConfigError);
  expect(() => startChatDebug()).toThrow(message);
  expect(started()).toBeUndefined();
});

test.each([
  ['grpc://me:topsecret@collector:4317', 'grpc://collector:4317'],
  ['me:topsecret@collector', 'collector'],
])('the password in an invalid endpoint is not shown: %s', (value, shown) => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = value;
  const message = `Invalid OTEL_EXPORTER_OTLP_ENDPOINT "${shown}": expected an http or https URL`;
  expect(() => startChatDebug()).toThrow(message);
});

test.each([
  ['CHATDEBUG_CAPTURE', `sk-proj-${'a1B2'.repeat(12)}`],
  ['CHATDEBUG_OTLP_PROTOCOL', 'Bearer topsecret-token-0123456789'],
])('a key in the wrong variable is redacted: %s', (name, value) => {
  process.env[name] = value;
  try {
    expect(() => startChatDebug()).toThrow(/^Invalid CHATDEBUG_\w+ "[^"]*\[REDACTED\]": expected /);
  } finally {
    delete process.env[name];
  }
});

test('failureContent "ask" without onKeep', () => {
  const message = 'failureContent "ask": expected the option onKeep with it';
  expect(() => startChatDebug({ failureContent: 'ask' })).toThrow(`Invalid option ${message}`);
  process.env['CHATDEBUG_FAILURE_CONTENT'] = 'ask';
  expect(() => startChatDebug()).toThrow(
    'Invalid CHATDEBUG_FAILURE_CONTENT "ask": expected the option onKeep',
  );
  expect(started()).toBeUndefined();
});

test.each([
  [null, 'null'],
  ['full', '"full"'],
  [1, '1'],
])('options that are %p', (options, shown) => {
  expect(() => startChatDebug(options as ChatDebugOptions)).toThrow(
    `Invalid options ${shown}: expected an object`,
  );
});

test('the error has a name, so that code with another copy can catch it', () => {
  expect(new ChatDebugConfigError('A', 'b', 'c')).toMatchObject({
    name: 'ChatDebugConfigError',
    message: 'Invalid A "b": expected c',
  });
});

test('an endpoint is not validated if the SDK is disabled or the application has an exporter', async () => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'localhost:4317';
  const exporter = { export: () => {}, shutdown: async () => {} };
  await startChatDebug({ exporter }).shutdown();
  process.env['OTEL_SDK_DISABLED'] = 'TRUE';
  await startChatDebug().shutdown();
});

/** The run is never ended, so nothing is sent. */
const APP = program("console.log(startRun({}).traceId === undefined ? 'unrecorded' : 'recorded');");

test.each(Object.keys(VARIABLES))(
  'register prints an invalid %s, and the application runs unrecorded',
  async (name) => {
    const [expected, value] = VARIABLES[name] ?? [];
    const nodeOptions = name === 'CHATDEBUG_CAPTURE' ? REQUIRE_REGISTER : IMPORT_REGISTER;
    expect(await runNode(APP, { nodeOptions, env: { [name]: value } })).toEqual({
      code: 0,
      signal: null,
      stdout: 'unrecorded\n',
      stderr: `opentelemetry-instrumentation-chatdebug records nothing: Invalid ${name} "${value}": expected ${expected}\n`,
    });
  },
);

test.each(['', ' ', undefined])('a variable that is %p counts as unset', async (value) => {
  const env = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, value]));
  expect(await runNode(APP, { nodeOptions: IMPORT_REGISTER, env })).toMatchObject({
    code: 0,
    stdout: 'recorded\n',
    stderr: '',
  });
});
