import { ERROR_KINDS } from '../../src/error/index.js';
import type { ChatDebugOptions } from '../../src/index.js';
import { ChatDebugConfigError, ChatDebugInstrumentation, startChatDebug } from '../../src/index.js';
import { processState } from '../../src/process-state.js';
import { runNode } from '../support/child.js';
import { IMPORT_REGISTER, program, REQUIRE_REGISTER } from './support/program.js';

const COUNT = (min: number) => `a whole number from ${min} to 536870912`;
const CAPTURES = 'errors, full or off';
const KINDS = `a list of ${ERROR_KINDS.slice(0, -1).join(', ')} or ${ERROR_KINDS.at(-1)}`;

const FORMATS =
  'a list of openai-chat, openai-responses, openai-completions, anthropic-messages, gemini-generate-content, bedrock-converse, bedrock-invoke, cohere-chat, ollama, mistral-conversations or ai-gateway; the variable also all or none';

/** Of each option, what it takes, and values that can't be used as the error shows them. */
const OPTIONS: Record<keyof ChatDebugOptions, [takes: string, ...[unknown, string][]]> = {
  capture: [CAPTURES, ['everything', 'everything'], [true, 'true'], [null, 'null']],
  captureFor: ['a function', ['full', 'full'], [{ chat: 'full' }, 'an object']],
  keepKinds: [KINDS, ['generic', 'generic'], [['generic', 'odd'], '[generic,odd]'], [[1], '[1]']],
  keepPerFingerprint: [COUNT(1), [0, '0'], ['30', '30']],
  keepPerMinute: [COUNT(1), [0, '0'], [-1, '-1']],
  onKeep: ['a function', ['tell', 'tell'], [{ onKeep: true }, 'an object']],
  retain: ['failing or run', ['all', 'all'], [1, '1']],
  decide: ['process or collector', ['nobody', 'nobody'], [['process'], '[process]']],
  openSteps: [FORMATS, ['openai-chat', 'openai-chat'], [['openai'], '[openai]']],
  runFor: ['a function', [{ kind: 'quickgen' }, 'an object']],
  pipeline: ['own or app', ['application', 'application']],
  exporter: ['a SpanExporter', ['otlp', 'otlp'], [{ headers: { authorization: 'key' } }, 'an object']],
  serviceName: ['a text', ['', ''], [1, '1'], [Symbol('name'), 'Symbol(name)']],
  maxBodyBytes: [
    COUNT(0),
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    ['50000', '50000'],
    [2 ** 30, '1073741824'],
  ],
  maxAttempts: [COUNT(2), [1, '1'], [Number.POSITIVE_INFINITY, 'Infinity'], [10n, '10']],
  maxSteps: [COUNT(1), [0, '0'], [null, 'null']],
  maxRuns: [COUNT(1), [0, '0'], [false, 'false']],
  maxRunBytes: [COUNT(0), [-1, '-1']],
  maxBytes: [COUNT(0), [-1, '-1']],
  lingerMillis: [COUNT(0), [-1, '-1'], [() => 1, 'a function']],
  stallMillis: [COUNT(0), [-1, '-1'], ['60s', '60s']],
  idleMillis: [COUNT(1), [0, '0'], [[1, [2]], '[1,[…]]']],
  maxQueueSpans: [COUNT(1), [0, '0']],
  maxQueueBytes: [COUNT(1), [0, '0']],
  exitTimeoutMillis: [COUNT(0), [-1, '-1']],
  shutdownTimeoutMillis: [COUNT(0), [-1, '-1']],
  errorText: ['template, full or none', ['short', 'short']],
  rawBodies: ['all, failed or none', ['some', 'some'], [true, 'true']],
  captureContent: ['true or false', ['yes', 'yes'], [1, '1']],
  redactHeaders: [
    'a list of names',
    ['x-key', 'x-key'],
    [['x-key', ''], '[x-key,]'],
    [[Object.create(null)], '[an object]'],
  ],
  redactQuery: ['a list of names', [{ sig: true }, 'an object'], [[1], '[1]']],
  redactKeys: ['a list of names', ['ssn', 'ssn'], [[null], '[null]']],
  redactPatterns: [
    'a list of regular expressions without the flag y',
    ['secret', 'secret'],
    [['secret'], '[secret]'],
    [[/a/, /b/y], '[an object,an object]'],
  ],
  redactExcept: ['a list of names', ['x-key', 'x-key'], [[/x/], '[an object]']],
  redact: ['a function', ['secret', 'secret'], [/secret/, 'an object']],
};

/** Of each variable, the same. */
const VARIABLES: Record<string, [takes: string, ...string[]]> = {
  CHATDEBUG_CAPTURE: [CAPTURES, 'everything', 'FULL', 'full,off'],
  CHATDEBUG_KEEP_KINDS: [KINDS, 'odd', 'generic,', 'generic;timeout'],
  CHATDEBUG_KEEP_PER_FINGERPRINT: [COUNT(1), '0', 'few'],
  CHATDEBUG_KEEP_PER_MINUTE: [COUNT(1), '0', '300/min'],
  CHATDEBUG_RETAIN: ['failing or run', 'all'],
  CHATDEBUG_DECIDE: ['process or collector', 'nobody'],
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

const optionCases = Object.entries(OPTIONS).flatMap(([name, [takes, ...values]]) =>
  values.map(([value, shown]) => ({ name, value, message: `option ${name}=${shown}: takes ${takes}` })),
);

test.each(optionCases)('$message', ({ name, value, message }) => {
  const options = { [name]: value };
  expect(() => startChatDebug(options)).toThrow(
    new ChatDebugConfigError(`option ${name}`, value, message.split('takes ')[1] ?? ''),
  );
  expect(() => startChatDebug(options)).toThrow(message);
  expect(() => new ChatDebugInstrumentation(options)).toThrow(message);
  expect(started()).toBeUndefined();
});

const variableCases = Object.entries(VARIABLES).flatMap(([name, [takes, ...values]]) =>
  values.map((value) => ({ name, value, message: `${name}=${value}: takes ${takes}` })),
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
])('the password in a bad endpoint is not told: %s', (value, told) => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = value;
  const message = `OTEL_EXPORTER_OTLP_ENDPOINT=${told}: takes an http or https URL`;
  expect(() => startChatDebug()).toThrow(message);
});

test.each([null, 'full', 1])('options that are %p', (options) => {
  expect(() => startChatDebug(options as ChatDebugOptions)).toThrow(
    `the options=${options}: takes an object`,
  );
});

test('an error has its name, for those who catch it from another copy', () => {
  expect(new ChatDebugConfigError('A', 'b', 'c')).toMatchObject({
    name: 'ChatDebugConfigError',
    message: 'A=b: takes c',
  });
});

test('where the SDK is disabled, or the exporter is the application’s own, its endpoint is not looked at', async () => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'localhost:4317';
  const exporter = { export: () => {}, shutdown: async () => {} };
  await startChatDebug({ exporter }).shutdown();
  process.env['OTEL_SDK_DISABLED'] = 'TRUE';
  await startChatDebug().shutdown();
});

/** The run is never ended, so that nothing is sent. */
const APP = program("console.log(startRun({}).traceId === undefined ? 'unrecorded' : 'recorded');");

test.each(Object.keys(VARIABLES))(
  'register prints a bad %s, and the application runs unrecorded',
  async (name) => {
    const [takes, value] = VARIABLES[name] ?? [];
    const nodeOptions = name === 'CHATDEBUG_CAPTURE' ? REQUIRE_REGISTER : IMPORT_REGISTER;
    expect(await runNode(APP, { nodeOptions, env: { [name]: value } })).toEqual({
      code: 0,
      signal: null,
      stdout: 'unrecorded\n',
      stderr: `opentelemetry-instrumentation-chatdebug records nothing: ${name}=${value}: takes ${takes}\n`,
    });
  },
);

test.each(['', ' ', undefined])('a variable that is %p is not set', async (value) => {
  const env = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, value]));
  expect(await runNode(APP, { nodeOptions: IMPORT_REGISTER, env })).toMatchObject({
    code: 0,
    stdout: 'recorded\n',
    stderr: '',
  });
});
