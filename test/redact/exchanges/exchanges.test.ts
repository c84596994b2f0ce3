import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spansInSpool } from '../../../src/delivery/span-json.js';
import { type ChatDebugOptions, ERROR_KINDS, withRun, withStep } from '../../../src/index.js';
import { removeAll, temporaryDirectory, until } from '../../delivery/support/spooling.js';
import type { ReceivedSpan } from '../../support/otlp-receiver.js';
import { runs } from '../../support/property.js';
import type { Route } from '../../support/provider.js';
import { type Recording, startRecording } from '../../support/recording.js';
import { randomFrom } from '../planted.js';
import { EXCHANGE_HEADER } from './exchange.js';
import { type Leak, leaksIn, leaksInCases, leaksInSpool } from './leaks.js';
import { Planting } from './planting.js';
import { Tried } from './tried.js';
import { type Turn, turn } from './turn.js';

const COUNT = Number(process.env['CHATDEBUG_TEST_EXCHANGES'] ?? runs(4_000, 250));
/** The seed of the first exchange. Each has its own. */
const FIRST = Number(process.env['CHATDEBUG_TEST_FIRST_EXCHANGE'] ?? 0);

/** The number of exchanges in a spool. */
const SPOOLED = 100;

/** The exchanges of one start of the package. Their `maxBodyBytes` depends on their seeds only. */
const BATCH = 125;
const AT_ONCE = 8;

const BODIES = ['chatdebug.attempt.request_body', 'chatdebug.attempt.response_body'];

/** Where the work of a redactor is visible. */
const EVERYWHERE = [
  ...BODIES,
  'app.list',
  'app.text',
  'chatdebug.attempt.error_message',
  'chatdebug.attempt.request_id',
  'chatdebug.error.detail',
  'chatdebug.run.endpoint',
  'chatdebug.run.first_message',
  'chatdebug.run.kind',
  'exception.message',
  'exception.stacktrace',
  'gen_ai.conversation.id',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.request.model',
  'gen_ai.tool.definitions',
  'http.request.header.<name>',
  'http.response.header.<name>',
  'url.full',
  'url.path',
];

const tried = new Tried();
const replaced = new Map<string, number>();

let recording: Recording | undefined;
afterEach(async () => {
  await recording?.stop();
  removeAll();
});

test(`the exported bytes contain no secret, of ${COUNT} exchanges from seed ${FIRST}`, async () => {
  const leaked: Leak[] = [];
  for (let seed = FIRST; seed < FIRST + COUNT; ) {
    const end = Math.min(FIRST + COUNT, BATCH * (Math.floor(seed / BATCH) + 1));
    leaked.push(...(await exchanged(seed, end)));
    seed = end;
  }
  process.stdout.write(`${report()}\n`);
  expect(leaked.map(described)).toEqual([]);
  if (COUNT >= 250) expect([...replaced.keys()]).toEqual(expect.arrayContaining(EVERYWHERE));
}, 600_000);

test('the content of failing calls contains no secret', async () => {
  const count = Math.ceil(COUNT / 5);
  const failing = { capture: 'errors', failureContent: true, keepKinds: ERROR_KINDS } as const;
  const unlimited = { keepPerFingerprint: count, keepPerMinute: count };
  const leaked = await exchanged(FIRST, FIRST + count, { ...failing, ...unlimited }, (spans) => {
    const attempts = spans.flatMap(({ events }) => events.filter(({ name }) => name === 'chatdebug.attempt'));
    const withBodies = attempts.filter(({ attributes }) => BODIES.every((name) => attributes[name]));
    expect(withBodies.length).toBeGreaterThan(count / 20);
  });
  expect(leaked.map(described)).toEqual([]);
}, 600_000);

test('the files of a spool contain no secret, while the endpoint is down', async () => {
  const spoolDirectory = temporaryDirectory();
  const leaked: Leak[] = [];
  await exchanged(
    FIRST,
    FIRST + SPOOLED,
    { spoolDirectory, shutdownTimeoutMillis: 100 },
    async () => {
      const spooled = () =>
        readdirSync(spoolDirectory)
          .filter((name) => name.endsWith('.spool'))
          .map((name) => readFileSync(join(spoolDirectory, name)));
      // Spans are written in later turns of the event loop.
      await until(() => spooled().flatMap((file) => [...spansInSpool(file)]).length === 2 * SPOOLED, 60_000);
      leaked.push(...spooled().flatMap(leaksInSpool));
    },
    () => ({ type: 'json', status: 503, body: {} }),
  );
  expect(leaked.map(described)).toEqual([]);
});

/** Runs the exchanges of these seeds, and returns the leaks. */
async function exchanged(
  from: number,
  to: number,
  options: ChatDebugOptions = {},
  expectWritten: (spans: readonly ReceivedSpan[], count: number) => void | Promise<void> = expectAll,
  endpoint?: Route,
): Promise<Leak[]> {
  const random = randomFrom(Math.floor(from / BATCH));
  const maxBodyBytes = random() < 0.5 ? 50_000 : Math.floor(100 + random() * 1_500);
  recording = await startRecording({ maxBodyBytes, redactKeys: ['ssn'], ...options });
  const { provider, receiver, handle } = recording;
  receiver.respond(endpoint);
  const turns = new Map<string, Turn>();
  provider.route(({ headers }) => turns.get(String(headers[EXCHANGE_HEADER]))?.reply);
  let next = from;
  const lane = async () => {
    while (next < to) {
      const seed = next++;
      const one = turn(new Planting(seed, tried), maxBodyBytes);
      turns.set(String(seed), one);
      await run(one, provider.url);
      turns.delete(String(seed));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await handle.forceFlush();
  const leaked = [...receiver.bodies.flatMap(leaksIn), ...leaksInCases(receiver.bodies)];
  await expectWritten(receiver.spans, to - from);
  await recording.stop();
  return leaked;
}

async function run({ run: options, call, failure }: Turn, origin: string): Promise<void> {
  await withRun(options, () =>
    withStep({}, async () => {
      await call(origin);
      if (failure !== undefined) throw failure;
    }),
  ).catch(() => {});
}

/** Asserts that everything with planted secrets was written: each run, each step, and its attempt with its bodies. */
function expectAll(spans: readonly ReceivedSpan[], count: number): void {
  const attempts = spans.flatMap(({ events }) => events.filter(({ name }) => name === 'chatdebug.attempt'));
  expect(spans.filter(({ attributes }) => 'chatdebug.run.step_count' in attributes)).toHaveLength(count);
  expect(attempts.length).toBeGreaterThanOrEqual(count);
  expect(attempts.filter(({ attributes }) => !BODIES.every((name) => attributes[name]))).toEqual([]);
  for (const { attributes } of [...spans, ...spans.flatMap(({ events }) => events)]) {
    for (const [name, value] of Object.entries(attributes)) {
      const known = name.replace(/(?<=\.header\.).*/, '<name>');
      if (String(value).includes('REDACTED')) replaced.set(known, (replaced.get(known) ?? 0) + 1);
    }
  }
}

function report(): string {
  const names = [...replaced].map(([name, count]) => `${name} ${count}`).sort();
  return [
    `${COUNT} exchanges, seeds ${FIRST} to ${FIRST + COUNT - 1}, on Node.js ${process.version}`,
    'Secrets planted, by place and shape:',
    String(tried),
    `Attributes in which something was replaced: ${names.join(', ')}`,
  ].join('\n');
}

function described({ runId, where, text }: Leak): string {
  const seed = String(runId).replace('exchange-', '');
  return `CHATDEBUG_TEST_FIRST_EXCHANGE=${seed} CHATDEBUG_TEST_EXCHANGES=1 shows it: ${where}: ${text}`;
}
