import { runNode } from '../support/child.js';
import { completion } from '../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { startProxy, type TestProxy } from '../support/proxy.js';
import { buildTree } from '../support/tree.js';
import { COPIES, NODE_MAJOR } from './undici-copies.js';

const START = "require('opentelemetry-instrumentation-chatdebug').startChatDebug();";
const REGISTER = ['--require', 'opentelemetry-instrumentation-chatdebug/register'];

let provider: ScriptedProvider;
let receiver: OtlpReceiver;
let proxy: TestProxy;
beforeEach(async () => {
  [provider, receiver, proxy] = await Promise.all([startProvider(), startOtlpReceiver(), startProxy()]);
  provider.reply(completion('Hello.'));
});
afterEach(() => Promise.all([provider.close(), receiver.close(), proxy.close()]));

interface Case {
  readonly program: string;
  readonly env?: Record<string, string>;
  readonly nodeOptions?: readonly string[];
}

/** Runs the program, which has `url` and `ask(fetch)`, and returns the attempts of each run. */
async function attemptsOf({ program, env = {}, nodeOptions = [] }: Case) {
  const source = `
    const url = process.env.PROVIDER_URL + '/v1/chat/completions';
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"model":"m"}' };
    const ask = async (by) => (await by(url, post)).text();
    const main = async () => { ${program} };
    main();`;
  const child = await runNode(
    { source, type: 'commonjs' },
    {
      nodeOptions,
      env: {
        PROVIDER_URL: provider.url,
        PROXY_URL: proxy.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        // Spans go directly to the receiver, whatever proxy the application uses.
        NO_PROXY: receiver.url.replace('http://', ''),
        CHATDEBUG_CAPTURE: 'full',
        ...env,
      },
    },
  );
  expect([child.code, child.signal, child.stdout]).toEqual([0, null, '']);
  return buildTree(receiver.spans).flatMap(({ steps }) => steps.map(({ attempts }) => attempts));
}

const whole = {
  statusCode: 200,
  requestBody: '{"model":"m"}',
  responseBody: expect.stringContaining('Hello.'),
};

describe.each(COPIES)('the global dispatcher of $name', ({ name, major }) => {
  const alias = major === 7 ? 'undici' : name.replace(' ', '');
  const set = `const { setGlobalDispatcher, Agent, fetch: theirs } = require('${alias}'); setGlobalDispatcher(new Agent());`;

  test.each([
    ['before', `${set} ${START} await ask(theirs);`],
    ['after', `${START} ${set} await ask(theirs);`],
  ])('set %s the start: recorded once', async (_, program) => {
    expect(await attemptsOf({ program })).toMatchObject([[whole]]);
  });
});

test('all copies in one process, and Node’s own fetch: each call is recorded once', async () => {
  const aliases = COPIES.map(({ name, major }) => (major === 7 ? 'undici' : name.replace(' ', '')));
  const program = `${aliases.map((alias) => `await ask(require('${alias}').fetch);`).join(' ')} await ask(fetch);`;
  const attempts = await attemptsOf({ program, nodeOptions: REGISTER });
  expect(attempts).toMatchObject([...aliases, 'fetch'].map(() => [whole]));
});

test.each([
  ['before', "const { setGlobalDispatcher, MockAgent } = require('undici');"],
  ['after', `${START} const { setGlobalDispatcher, MockAgent } = require('undici');`],
])('a MockAgent set %s the start responds as usual, and nothing is recorded', async (when, head) => {
  const program = `${head}
    const agent = new MockAgent(); agent.disableNetConnect(); setGlobalDispatcher(agent);
    agent.get(process.env.PROVIDER_URL).intercept({ path: /./, method: 'POST' }).reply(200, 'mocked');
    ${when === 'before' ? START : ''}
    if (await ask(require('undici').fetch) !== 'mocked') throw new Error('not mocked');`;
  expect(await attemptsOf({ program })).toEqual([]);
  expect(provider.requests).toHaveLength(0);
});

if (NODE_MAJOR >= 24) {
  const env = { NODE_USE_ENV_PROXY: '1' };

  test('NODE_USE_ENV_PROXY: fetch is recorded once, with its bodies', async () => {
    const attempts = await attemptsOf({
      program: 'await ask(fetch);',
      env: { ...env, HTTP_PROXY: proxy.url },
      nodeOptions: REGISTER,
    });
    expect(proxy.asked).toHaveLength(1);
    expect(attempts).toMatchObject([[whole]]);
  });

  test('NODE_USE_ENV_PROXY: node:http is recorded once, with the requested URL', async () => {
    const program = `await new Promise((resolve) => require('node:http')
      .request(url, post, (answer) => answer.resume().on('end', resolve)).end(post.body));`;
    const attempts = await attemptsOf({
      program,
      env: { ...env, HTTP_PROXY: proxy.url },
      nodeOptions: REGISTER,
    });
    expect(proxy.asked).toEqual([`POST ${provider.url}/v1/chat/completions HTTP/1.1`]);
    const server = { 'server.port': Number(new URL(provider.url).port), 'url.path': '/v1/chat/completions' };
    expect(attempts).toMatchObject([[{ statusCode: 200, event: { attributes: server } }]]);
  });
}
