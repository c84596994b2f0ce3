import { hostname, platform } from 'node:os';
import { runNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program } from './support/program.js';

let endpoints: Endpoints;
let other: OtlpReceiver;
beforeEach(async () => {
  [endpoints, other] = await Promise.all([startEndpoints(), startOtlpReceiver()]);
});
afterEach(() => Promise.all([endpoints.close(), other.close()]));

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ONE_TURN = program("await turn('c');");

/** One turn under `register`. No variable changes what the application sees. */
async function turn(variables: Record<string, string | undefined> = {}, timeoutMillis?: number) {
  const env = { ...endpoints.env, ...variables };
  const limit = timeoutMillis === undefined ? {} : { timeoutMillis };
  const ended = await runNode(ONE_TURN, { nodeOptions: IMPORT_REGISTER, env, ...limit });
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  const { spans, requests } = endpoints.receiver;
  return { stderr: ended.stderr, spans, request: requests[0], resource: spans[0]?.resource };
}

test('OTEL_EXPORTER_OTLP_ENDPOINT gets /v1/traces, with the name of the service', async () => {
  const { stderr, spans, request, resource } = await turn({
    OTEL_SERVICE_NAME: 'chat-server',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=overridden,deployment.environment.name=test%20run,team=chat',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=one,x-both=general',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-both=traces',
  });
  expect([stderr, spans.length, request?.path]).toEqual(['', 2, '/v1/traces']);
  expect(request?.headers).toMatchObject({ 'x-key': 'one', 'x-both': 'traces' });
  expect(request?.headers['content-encoding']).toBeUndefined();
  expect(resource).toMatchObject({
    'service.name': 'chat-server',
    'deployment.environment.name': 'test run',
    team: 'chat',
    'telemetry.sdk.language': 'nodejs',
  });
});

test('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used unchanged, and takes precedence', async () => {
  const { spans, stderr } = await turn({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${other.url}/v1/traces` });
  expect([stderr, spans.length, other.spans.length]).toEqual(['', 0, 2]);
});

test("without a name the service has OpenTelemetry's default", async () => {
  const { resource } = await turn();
  expect(resource?.['service.name']).toMatch(/^unknown_service:/);
});

test('two processes of one service are distinguishable', async () => {
  const app = program("await turn('c'); console.log(process.pid);");
  const options = { nodeOptions: IMPORT_REGISTER, env: endpoints.env };
  const started = [await runNode(app, options), await runNode(app, options)];
  const found = endpoints.receiver.spans.filter(({ name }) => name === 'invoke_workflow');
  const resources = found.map(({ resource }) => resource);
  expect(resources.map((resource) => resource['process.pid'])).toEqual(
    started.map(({ stdout }) => Number(stdout)),
  );
  const ids = resources.map((resource) => resource['service.instance.id']);
  expect(ids).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
  expect(ids[0]).not.toBe(ids[1]);
  expect(resources[0]).toMatchObject({ 'host.name': hostname(), 'os.type': platform() });
  // Arguments may be secrets or prompts.
  expect(resources[0]).not.toHaveProperty('process.command_args');
});

test.each([
  ['none', []],
  ['env', ['team']],
  ['host, process', ['host.name', 'process.pid']],
  ['all', ['host.name', 'os.type', 'process.pid', 'service.instance.id', 'team']],
  ['', ['host.name', 'os.type', 'process.pid', 'service.instance.id', 'team']],
])('OTEL_NODE_RESOURCE_DETECTORS=%s', async (detectors, attributes) => {
  const { stderr, resource = {} } = await turn({
    OTEL_NODE_RESOURCE_DETECTORS: detectors,
    OTEL_RESOURCE_ATTRIBUTES: 'team=chat',
  });
  const looked = ['host.name', 'os.type', 'process.pid', 'service.instance.id', 'team'];
  expect([stderr, looked.filter((name) => name in resource)]).toEqual(['', attributes]);
});

test('OTEL_RESOURCE_ATTRIBUTES take precedence over detected attributes', async () => {
  const { resource } = await turn({ OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod-7,host.name=node-3' });
  expect(resource).toMatchObject({ 'service.instance.id': 'pod-7', 'host.name': 'node-3' });
});

test('OTEL_EXPORTER_OTLP_COMPRESSION=gzip', async () => {
  const { spans, request } = await turn({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
  expect([spans.length, request?.headers['content-encoding']]).toEqual([2, 'gzip']);
});

test('OTEL_EXPORTER_OTLP_TIMEOUT aborts requests to an endpoint that hangs', async () => {
  endpoints.receiver.respond(() => ({ type: 'hang', when: 'before-headers' }));
  const variables = { OTEL_EXPORTER_OTLP_TIMEOUT: '100', CHATDEBUG_EXIT_TIMEOUT_MILLIS: '500' };
  // Less than the default timeout of ten seconds.
  const { request, spans } = await turn(variables, 9_500);
  expect([request?.path, spans.length]).toEqual(['/v1/traces', 0]);
});

test('OTEL_SDK_DISABLED=true records and prints nothing, regardless of other settings', async () => {
  const { stderr, request } = await turn({
    OTEL_SDK_DISABLED: 'true',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  expect([stderr, request]).toEqual(['', undefined]);
});

test('OTEL_BSP_*: the size of a batch and of the queue', async () => {
  const { stderr, spans } = await turn({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' });
  expect([stderr, spans.length, endpoints.receiver.requests.length]).toEqual(['', 2, 2]);
  await turn({ OTEL_BSP_MAX_QUEUE_SIZE: '1' });
  expect(spans).toHaveLength(3);
  await turn({ OTEL_BSP_MAX_QUEUE_SIZE: '1', CHATDEBUG_MAX_QUEUE_SPANS: '2' });
  expect(spans).toHaveLength(5);
});

test.each([
  { OTEL_SDK_DISABLED: 'false' },
  { OTEL_TRACES_SAMPLER: 'always_off', OTEL_TRACES_EXPORTER: 'none', OTEL_PROPAGATORS: 'none' },
  { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  {
    OTEL_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '0',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '1',
  },
])('%j has no effect', async (variables) => {
  const { stderr, spans } = await turn(variables);
  const [run] = buildTree(spans);
  expect([stderr, run?.status, run?.steps[0]?.attempts[0]?.statusCode]).toEqual(['', 'completed', 200]);
  expect(JSON.parse(run?.steps[0]?.attempts[0]?.responseBody ?? '')).toMatchObject({
    object: 'chat.completion',
  });
  expect(spans.map((span) => span.droppedAttributesCount + span.droppedEventsCount)).toEqual([0, 0]);
});

test.each([
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', /Ignored \S+_COMPRESSION "zstd": expected gzip or none/],
  [
    'OTEL_EXPORTER_OTLP_TIMEOUT',
    '10s',
    /Ignored \S+_TIMEOUT "10s": expected a number of milliseconds above 0/,
  ],
  ['OTEL_BSP_SCHEDULE_DELAY', 'soon', /Ignored \S+_DELAY "soon": expected an integer of at least 0/],
  ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '0', /_TRACES_TIMEOUT "0": expected a number/],
  [
    'OTEL_EXPORTER_OTLP_CERTIFICATE',
    '/nowhere.pem',
    /_CERTIFICATE "\/nowhere.pem": expected a readable PEM file/,
  ],
  [
    'OTEL_EXPORTER_OTLP_HEADERS',
    'authorization: Bearer topsecret',
    /_HEADERS "\[REDACTED\]": expected name=value,name=value/,
  ],
  [
    'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
    'a=topsecret,b=%zz',
    /_TRACES_HEADERS "\[REDACTED\]": expected name=value,name=value/,
  ],
  [
    'OTEL_NODE_RESOURCE_DETECTORS',
    'env,aws',
    /Ignored \S+ "aws": expected all, none or a list of host, os, serviceinstance, process, env/,
  ],
])('%s=%s is a warning, and the default applies', async (name, value, warning) => {
  const { stderr, spans } = await turn({ [name]: value });
  expect(stderr).toMatch(/^\(node:\d+\) \[CHATDEBUG\] ChatDebugWarning: Ignored OTEL_/);
  expect(stderr).toMatch(warning);
  expect(stderr.match(/ChatDebugWarning/g)).toHaveLength(1);
  expect(stderr).not.toContain('topsecret');
  expect(spans).toHaveLength(2);
});

test('an option takes precedence over its variable', async () => {
  const options = { serviceName: 'in code', capture: 'full', maxBodyBytes: 0 };
  const app = program(`startChatDebug(${JSON.stringify(options)}); await turn('c');`);
  const variables = {
    OTEL_SERVICE_NAME: 'in the environment',
    CHATDEBUG_CAPTURE: 'off',
    CHATDEBUG_MAX_BODY_BYTES: '9',
  };
  await runNode(app, { env: { ...endpoints.env, ...variables } });
  const { spans } = endpoints.receiver;
  expect(spans.map(({ resource }) => resource['service.name'])).toEqual(['in code', 'in code']);
  expect(buildTree(spans)[0]?.steps[0]?.attempts[0]?.responseBody).not.toContain('chat.completion');
});

test('variables configure without code what the options do', async () => {
  const { spans } = await turn({ CHATDEBUG_MAX_BODY_BYTES: '9' });
  expect(buildTree(spans)[0]?.steps[0]?.attempts[0]?.responseBody).toMatch(/^.{0,9}\[TRUNCATED\]$/);
  const off = await turn({ CHATDEBUG_CAPTURE: 'off' });
  expect([off.stderr, off.spans.length]).toEqual(['', 2]);
});
