import { parseOptions } from '../examples/demo/options.js';
import { type Ended, runNode, startNode } from './support/child.js';
import { type RefusingPort, startRefusingPort } from './support/loopback.js';
import { type OtlpReceiver, startOtlpReceiver } from './support/otlp-receiver.js';

const demo = (...options: string[]): Promise<Ended> =>
  runNode(['--import', 'tsx', 'examples/demo/main.ts', ...options]);

/** The lines of runs, steps and attempts, without values that differ each time. */
const outline = (output: string): string[] =>
  output
    .split('\n')
    .filter((line) => /^(chat_turn|[│├└─ ]+(step|attempt) \d)/.test(line))
    .map((line) => line.replace(/(?<!retry after )\b(\d+ ms|\d+\.\d\d s)(?= |$)/g, 'TIME'));

const FAILED_TURN = [
  'chat_turn  error  TIME',
  '└─ step 1  generate openai gpt-4o-mini  error  TIME',
  '   ├─ attempt 1  POST /v1/chat/completions  500  failed  TIME  req_failed_1',
  '   ├─ attempt 2  TIME later  POST /v1/chat/completions  500  failed  TIME  req_failed_2',
  '   └─ attempt 3  TIME later  POST /v1/chat/completions  500  failed  TIME  req_failed_3',
];

const ALL_TURNS = [
  'chat_turn  completed  TIME  205 tokens in, 27 out',
  '├─ step 1  generate openai gpt-4o-mini  completed  TIME  84 tokens in, 15 out',
  '│  └─ attempt 1  POST /v1/chat/completions  200  completed  TIME  req_forecast',
  '└─ step 2  stream openai gpt-4o-mini  completed  TIME  121 tokens in, 12 out',
  '   └─ attempt 1  POST /v1/chat/completions  200  completed  TIME  req_umbrella',
  'chat_turn  completed  TIME  146 tokens in, 11 out',
  '└─ step 1  generate openai gpt-4o-mini  completed  TIME  146 tokens in, 11 out',
  '   ├─ attempt 1  POST /v1/chat/completions  429  failed  TIME  req_too_many  retry after 300 ms',
  '   └─ attempt 2  TIME later  POST /v1/chat/completions  200  completed  TIME  req_coat',
  ...FAILED_TURN,
  'chat_turn  error  TIME',
  '└─ step 1  generate openai gpt-4o-mini  error  TIME',
  '   └─ attempt 1  POST /v1/chat/completions  401  failed  TIME  req_refused',
];

let up: OtlpReceiver;
let down: RefusingPort;
let byDefault: Ended;
let full: Ended;
let relayed: Ended;
let unreachable: Ended;
beforeAll(async () => {
  up = await startOtlpReceiver();
  down = await startRefusingPort();
  [byDefault, full, relayed, unreachable] = await Promise.all([
    demo(),
    demo('--capture', 'full'),
    demo('--capture', 'full', '--endpoint', `${up.url}/`),
    demo('--endpoint', down.url),
  ]);
});
afterAll(() => Promise.all([up.close(), down.release()]));

test('by default it shows the one kept turn and why the others were dropped', () => {
  expect(byDefault).toMatchObject({ code: 0, stderr: '' });
  expect(byDefault.stdout).toContain('  guide: Yes. Eleven millimetres, most of it sideways.\n');
  expect(byDefault.stdout).toMatch(/^4 turns, 1 kept\.\nThe others were not sent: .*\(401\).*\n/m);
  expect(byDefault.stdout).toContain('1 run, 1 step, 3 attempts; the API key was not among it.\n');
  expect(outline(byDefault.stdout)).toEqual(FAILED_TURN);
  const [, tree = ''] = byDefault.stdout.split('chat_turn');
  expect(tree).not.toContain('umbrella');
});

test('--capture full shows all turns', () => {
  expect(full).toMatchObject({ code: 0, stderr: '' });
  expect(full.stdout).toContain('4 turns, 4 kept.\nArrived at');
  expect(full.stdout).toContain('4 runs, 5 steps, 8 attempts; the API key was not among it.\n');
  expect(outline(full.stdout)).toEqual(ALL_TURNS);
  expect(full.stdout).toMatch(/^[│├└─ ]+.*Rate limit reached for gpt-4o-mini/m);
  expect(full.stdout).toMatch(/^[│├└─ ]+.*The server had an error while processing your request/m);
});

test('an endpoint gets the same turns, and their trace ids are printed', () => {
  expect(relayed).toMatchObject({ code: 0, stderr: '' });
  const ids = new Set(up.spans.map(({ traceId }) => traceId));
  expect(up.spans).toHaveLength(9);
  expect([...ids].filter((id) => relayed.stdout.includes(`\n  ${id}\n`))).toHaveLength(4);
});

test('an unreachable endpoint is an error', () => {
  expect(unreachable.code).toBe(1);
  expect(unreachable.stderr).toContain(
    `demo: nothing arrived at ${down.url}: it could not be reached: ECONNREFUSED\n`,
  );
});

test('--help prints the usage', async () => {
  const { code, stdout, stderr } = await demo('--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Usage: npm run demo [-- options]');
});

test('an unknown option is an error that names it', async () => {
  const { code, stdout, stderr } = await demo('--endpont', 'x');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain("Unknown option '--endpont'");
});

test.each([
  [['--endpont', 'x'], "Unknown option '--endpont'"],
  [['--capture', 'off'], 'Invalid --capture "off": expected errors or full'],
  [['--endpoint', 'localhost:4318'], 'Invalid --endpoint "localhost:4318": expected an http or https URL'],
  [['--view', '--endpoint', 'http://localhost:4318'], '--view cannot be combined with --endpoint'],
  [['http://localhost:4318'], "Unexpected argument 'http://localhost:4318'"],
])('%j is an error that names it', (options, message) => {
  expect(() => parseOptions(options)).toThrow(message);
});

test('--view shows the turns in the viewer until Ctrl-C, with the failed turn open', async () => {
  const child = startNode(['--import', 'tsx', 'examples/demo/main.ts', '--view', '--capture', 'full'], {});
  const [, page = ''] = (await child.line('Open http://')).split(' ');
  const { origin, hash } = new URL(page);
  const html = await fetch(page);
  expect([html.status, await html.text()]).toEqual([200, expect.stringContaining('src="component.js"')]);
  const { runs } = (await (await fetch(`${origin}/runs`)).json()) as { runs: Record<string, unknown>[] };
  expect(runs).toHaveLength(4);
  const failed = runs.find(({ id }) => hash === `#run=${id}`);
  expect(failed).toMatchObject({ chatId: 'travel-1', status: 'error', error: { kind: 'generic' } });
  child.kill('SIGINT');
  expect(await child.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(outline(child.stdout())).toEqual(ALL_TURNS);
  expect(child.stdout()).toMatch(/\nPress Ctrl-C to stop\.\n$/);
  await expect(fetch(page)).rejects.toThrow();
});
