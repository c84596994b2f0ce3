import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEndpoint } from '../../src/doctor/endpoint.js';
import { IMPORT_REGISTER, program } from '../start/support/program.js';
import { REPOSITORY, runNode } from '../support/child.js';
import { completion } from '../support/openai-replies.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { type ProtocolEndpoint, startEndpointFor, type Taken } from './support/protocol-endpoints.js';

const WITHOUT_GRPC = join(REPOSITORY, '.cache', `without-grpc-${process.pid}.cjs`);

let provider: ScriptedProvider;
let json: ProtocolEndpoint;
let protobuf: ProtocolEndpoint;
let grpc: ProtocolEndpoint;
beforeAll(async () => {
  provider = await startProvider();
  provider.reply(completion('Hello.'));
  mkdirSync(join(REPOSITORY, '.cache'), { recursive: true });
  writeFileSync(
    WITHOUT_GRPC,
    `const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (request.startsWith('@opentelemetry/exporter-trace-otlp-grpc')) throw new Error('not installed');
      return resolve.call(this, request, ...rest);
    };`,
  );
});
afterAll(async () => {
  rmSync(WITHOUT_GRPC);
  await provider.close();
});
beforeEach(async () => {
  [json, protobuf, grpc] = await Promise.all([
    startEndpointFor('http/json'),
    startEndpointFor('http/protobuf'),
    startEndpointFor('grpc'),
  ]);
});
afterEach(() => Promise.all([json, protobuf, grpc].map(({ close }) => close())));

const FLUSHED = program("await turn('c'); await startChatDebug().forceFlush();");
const AT_EXIT = program("await turn('c'); process.exit(0);");

async function run(app: typeof FLUSHED, variables: Record<string, string>, nodeOptions: string[] = []) {
  const env = {
    PROVIDER_URL: provider.url,
    CHATDEBUG_CAPTURE: 'full',
    NODE_NO_WARNINGS: undefined,
    ...variables,
  };
  const { code, stderr } = await runNode(app, { nodeOptions: [...nodeOptions, ...IMPORT_REGISTER], env });
  expect(code).toBe(0);
  return stderr.split('\n').filter((line) => line !== '' && !/the second start|--trace-warnings/.test(line));
}

const TURN = ['chat', 'invoke_workflow'];
const taken = ({ names }: ProtocolEndpoint) => names.map((name) => name.split(' ')[0] ?? '').sort();

describe.each([
  ['while the process runs', FLUSHED],
  ['at the end of the process', AT_EXIT],
])('%s', (_when, app) => {
  test.each<[Taken | undefined, Taken]>([
    [undefined, 'http/json'],
    ['http/json', 'http/json'],
    ['http/protobuf', 'http/protobuf'],
    ['grpc', 'grpc'],
  ])('OTEL_EXPORTER_OTLP_PROTOCOL %s reaches an endpoint that accepts only %s', async (asked, accepted) => {
    const endpoint = { 'http/json': json, 'http/protobuf': protobuf, grpc }[accepted];
    const said = await run(app, {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b',
      ...(asked && { OTEL_EXPORTER_OTLP_PROTOCOL: asked }),
    });
    expect([said, taken(endpoint)]).toEqual([[], TURN]);
    expect(endpoint.headers[0]).toMatchObject({ 'x-key': 'a b' });
  });

  test('CHATDEBUG_OTLP_*: a separate endpoint, without the headers and protocol of the standard variables', async () => {
    const said = await run(app, {
      OTEL_EXPORTER_OTLP_ENDPOINT: grpc.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of-the-other',
      CHATDEBUG_OTLP_ENDPOINT: json.url,
      CHATDEBUG_OTLP_HEADERS: 'x-own=mine',
    });
    expect([said, taken(json), taken(grpc)]).toEqual([[], TURN, []]);
    expect(json.headers[0]).toMatchObject({ 'x-own': 'mine' });
    expect(json.headers[0]).not.toHaveProperty('x-key');
  });
});

test('CHATDEBUG_OTLP_PROTOCOL and CHATDEBUG_OTLP_HEADERS take precedence at the standard endpoint too, with gzip', async () => {
  const said = await run(FLUSHED, {
    OTEL_EXPORTER_OTLP_ENDPOINT: protobuf.url,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=one,x-other=two',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    CHATDEBUG_OTLP_PROTOCOL: 'http/protobuf',
    CHATDEBUG_OTLP_HEADERS: 'x-key=own',
  });
  expect([said, taken(protobuf)]).toEqual([[], TURN]);
  expect(protobuf.headers[0]).toMatchObject({
    'x-key': 'own',
    'x-other': 'two',
    'content-encoding': 'gzip',
    'user-agent': expect.stringMatching(/^opentelemetry-instrumentation-chatdebug\//),
  });
});

test.each([
  ['the standard endpoint', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  [
    'CHATDEBUG_OTLP_ENDPOINT',
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  ],
])('grpc without its exporter: a warning, and HTTP to %s', async (where, variables) => {
  const isOwn = where === 'CHATDEBUG_OTLP_ENDPOINT';
  const endpoint = { [isOwn ? where : 'OTEL_EXPORTER_OTLP_ENDPOINT']: json.url };
  const said = await run(FLUSHED, { ...variables, ...endpoint }, ['--require', WITHOUT_GRPC]);
  const rest = isOwn ? 'to CHATDEBUG_OTLP_ENDPOINT$' : '\\. Install it, or set CHATDEBUG_OTLP_ENDPOINT to';
  expect(said).toEqual([
    expect.stringMatching(
      new RegExp(
        `ChatDebugWarning: Ignored OTEL_EXPORTER_OTLP_PROTOCOL "grpc": @opentelemetry/exporter-trace-otlp-grpc is not installed, so chat runs are exported as http/json ?${rest}`,
      ),
    ),
  ]);
  expect(taken(json)).toEqual(TURN);
});

test.each(['OTEL_EXPORTER_OTLP', 'CHATDEBUG_OTLP'])(
  '%s_ENDPOINT for grpc, without a scheme and without the exporter: the error says so',
  async (prefix) => {
    const variables = { [`${prefix}_PROTOCOL`]: 'grpc', [`${prefix}_ENDPOINT`]: 'collector:4317' };
    const [said] = await run(program("await turn('c');"), variables, ['--require', WITHOUT_GRPC]);
    expect(said).toBe(
      `opentelemetry-instrumentation-chatdebug records nothing: Invalid ${prefix}_ENDPOINT "collector:4317": expected an http or https URL, since @opentelemetry/exporter-trace-otlp-grpc is not installed`,
    );
  },
);

test('any other protocol is an error that names the valid ones', async () => {
  const [said] = await run(FLUSHED.type === 'module' ? program("await turn('c');") : FLUSHED, {
    OTEL_EXPORTER_OTLP_ENDPOINT: json.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml',
  });
  expect(said).toMatch(
    /Invalid OTEL_EXPORTER_OTLP_PROTOCOL "http\/xml": expected http\/json, http\/protobuf or grpc/,
  );
  expect(json.names).toEqual([]);
});

test.each<[Taken, string, RegExp]>([
  [
    'http/json',
    '/',
    /spans were lost: the endpoint refuses them 2 so far; HTTP 415: the endpoint does not accept http\/json: try OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf/,
  ],
  [
    'http/protobuf',
    '/elsewhere/',
    /HTTP 404: nothing accepts traces at this path: check OTEL_EXPORTER_OTLP_ENDPOINT/,
  ],
])('a refusal of %s at %s names the likely cause, once', async (protocol, path, words) => {
  const said = await run(FLUSHED, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${protobuf.url}${path}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_LOG_LEVEL: 'warn',
  });
  expect(said).toEqual([expect.stringMatching(words)]);
});

test.each<[Taken]>([['http/json'], ['http/protobuf'], ['grpc']])(
  'the doctor sends the same request as the exporter: %s',
  async (protocol) => {
    const endpoint = { 'http/json': json, 'http/protobuf': protobuf, grpc }[protocol];
    const env = { CHATDEBUG_OTLP_ENDPOINT: endpoint.url, CHATDEBUG_OTLP_PROTOCOL: protocol };
    const finding = await checkEndpoint({ folder: '/', env, timeoutMillis: 10_000 });
    expect([finding.state, endpoint.names]).toEqual(['ok', []]);
    const other = protocol === 'http/json' ? 'http/protobuf' : 'http/json';
    const wrong = { ...env, CHATDEBUG_OTLP_PROTOCOL: other };
    expect(await checkEndpoint({ folder: '/', env: wrong, timeoutMillis: 10_000 })).toMatchObject({
      state: 'fail',
    });
  },
);
