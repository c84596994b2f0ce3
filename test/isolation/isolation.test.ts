import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { type Capture, withRun } from '../../src/index.js';
import { COPIES } from '../attempt/undici-copies.js';
import { randomFrom } from '../redact/planted.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { runs as times } from '../support/property.js';
import { type Recording, startRecording } from '../support/recording.js';
import { CLIENTS } from './clients.js';
import { MARKER, replyTo, type Turn, turnOf } from './turn.js';

const COUNT = Number(process.env['CHATDEBUG_TEST_TURNS'] ?? times(20_000, 1_500));
const SEED = Number(process.env['CHATDEBUG_TEST_SEED']);
const BATCH = 500;
const AT_ONCE = 24;
/** Of a failed turn a run is kept for each user, though all fail alike. */
const KEEP_ALL = { keepPerFingerprint: 1_000_000, keepPerMinute: 1_000_000 };
const CONTENT = /body|\.header\.|url\.full|messages|first_message/;

let recording: Recording;
let dispatchers: Map<string, Dispatcher>[];
afterEach(() => recording.stop());

/** Of each copy of undici: one connection, two connections, and the default dispatcher. */
function sharedDispatchers(): Map<string, Dispatcher>[] {
  const of = (make: (copy: (typeof COPIES)[number]) => Dispatcher | undefined) =>
    new Map(
      COPIES.flatMap((copy) => {
        const made = make(copy);
        return made === undefined ? [] : [[copy.name, made] as const];
      }),
    );
  return [
    of(({ undici }) => new undici.Agent({ connections: 1 })),
    of(({ undici }) => new undici.Agent({ connections: 2 })),
    of(() => undefined),
  ];
}

async function play(turn: Turn, asked: Map<string, () => void>): Promise<void> {
  const controller = new AbortController();
  if (turn.script === 'aborted') asked.set(turn.user, () => controller.abort());
  const client = CLIENTS.get(turn.client);
  const call = () =>
    client?.({
      url: recording.provider.url,
      user: turn.user,
      prompt: turn.prompt,
      stream: turn.script === 'streamed',
      dispatchers: dispatchers[turn.dispatcher] ?? new Map(),
      signal: controller.signal,
    });
  const { user: chatId, chosenBy, capture } = turn;
  const owner = { chatId, ownerId: chatId };
  if (chosenBy === 'runFor') await call();
  else if (chosenBy === 'withRun') await withRun({ ...owner, capture }, async () => call());
  else await withRun(owner, async () => call());
}

/** Plays the turns at once, and gives how many requests of each user the provider got. */
async function playAll(turns: readonly Turn[]): Promise<Map<string, number>> {
  const byUser = new Map(turns.map((turn) => [turn.user, turn]));
  const requests = new Map<string, number>();
  const asked = new Map<string, () => void>();
  const captureOf = (user: string | undefined): Capture => byUser.get(user ?? '')?.capture ?? 'errors';
  recording = await startRecording({
    ...KEEP_ALL,
    capture: 'errors',
    captureFor: ({ chatId }) =>
      byUser.get(chatId ?? '')?.chosenBy === 'captureFor, later'
        ? turnOfLoop().then(() => captureOf(chatId))
        : captureOf(chatId),
    runFor: ({ header }) => {
      const user = header('x-user');
      return captureOf(user) === 'off' ? false : { chatId: user, ownerId: user, capture: captureOf(user) };
    },
  });
  dispatchers = sharedDispatchers();
  recording.provider.route(({ headers }) => {
    const user = String(headers['x-user']);
    const turn = byUser.get(user);
    if (turn === undefined) return undefined;
    const tries = requests.get(user) ?? 0;
    requests.set(user, tries + 1);
    asked.get(user)?.();
    return replyTo(turn, tries);
  });
  const left = [...turns];
  const lane = async () => {
    for (let turn = left.pop(); turn !== undefined; turn = left.pop())
      await play(turn, asked).catch(() => {});
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return requests;
}

/** All that is wrong with what has arrived, a line each. */
function problems(turns: readonly Turn[], requests: ReadonlyMap<string, number>): string[] {
  const found: string[] = [];
  let unknown = 0;
  const spans = new Map<string, ReceivedSpan[]>();
  for (const span of recording.receiver.spans) {
    const text = JSON.stringify([span.attributes, span.events], (_, value) =>
      typeof value === 'bigint' ? undefined : value,
    );
    const users = [...new Set(text.match(MARKER) ?? [])];
    if (users.length > 1) found.push(`one span has ${users.join(' and ')}`);
    if (users.length === 0) found.push(`a span has no user: ${text.slice(0, 400)}`);
    for (const user of users) spans.set(user, [...(spans.get(user) ?? []), span]);
  }
  for (const turn of turns) {
    const own = spans.get(turn.user) ?? [];
    const say = (what: string) => found.push(`${what}: ${JSON.stringify(turn)}`);
    const attempts = own.flatMap(({ events }) => events.filter(({ name }) => name === 'chatdebug.attempt'));
    const names = [...own, ...attempts].flatMap(({ attributes }) => Object.keys(attributes));
    // A request whose caller could not be told has the configured capture, and joins nothing.
    const isKnown = !own.some(({ attributes }) => attributes['chatdebug.run.context'] === 'unknown');
    if (!isKnown) unknown += 1;
    const isSure = turn.chosenBy !== 'captureFor, later' && isKnown;
    if (turn.capture === 'off' && isSure && own.length > 0) say('recorded although it is off');
    if (turn.capture !== 'full' && names.some((name) => CONTENT.test(name)))
      say('content without full capture');
    if (turn.capture === 'full' && isSure && attempts.length !== (requests.get(turn.user) ?? 0))
      say(`${attempts.length} attempts of ${requests.get(turn.user)} requests`);
    const isFailure = turn.script === 'odd' || turn.script === 'failed';
    if (turn.capture === 'errors' && isFailure && own.length === 0) say('a failure is lost');
    if (turn.capture === 'errors' && isKnown && !isFailure && own.length > 0) say('kept without a failure');
  }
  const { started, undecided, kept, dropped, lost } = recording.handle.stats().runs;
  const decided = [kept, ...Object.values(dropped), ...Object.values(lost)].reduce(
    (sum, one) => sum + one,
    0,
  );
  if (undecided !== 0 || decided !== started) found.push(`runs do not add up: ${started}, ${decided}`);
  if (unknown > turns.length / 20) found.push(`the callers of ${unknown} turns are unknown`);
  return found;
}

test(`no exchange of ${COUNT} users is another's, from seed ${SEED}`, async () => {
  const found: string[] = [];
  for (let first = 0; first < COUNT; first += BATCH) {
    const random = randomFrom(SEED + first);
    const count = Math.min(BATCH, COUNT - first);
    const turns = Array.from({ length: count }, (_, index) => turnOf(first + index, random));
    const requests = await playAll(turns);
    await Promise.all(dispatchers.flatMap((all) => [...all.values()]).map((one) => one.close()));
    await recording.stop();
    found.push(...problems(turns, requests));
    if (found.length > 0) break;
  }
  expect(found).toEqual([]);
}, 900_000);
