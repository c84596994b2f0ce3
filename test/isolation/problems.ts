import type { ChatDebugHandle } from '../../src/index.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { fails, MARKER, requestIdOf, type Scene, type Turn } from './turn.js';

/** The played turns and the received spans. */
export interface Played {
  readonly scenes: readonly Scene[];
  /** The number of requests at the provider, by user. */
  readonly requests: ReadonlyMap<string, number>;
  readonly spans: readonly ReceivedSpan[];
  readonly stats: ReturnType<ChatDebugHandle['stats']>['runs'] | undefined;
}

const CONTENT = /body|\.header\.|url\.full|messages|first_message/;
/** In a callback, undici's own stack can hide the caller. */
const MOST_UNKNOWN = 0.05;

/** All problems, one per line. */
export function problems({ scenes, requests, spans, stats }: Played): string[] {
  const { byUser, found } = sorted(spans);
  let unknown = 0;
  let known = 0;
  const seen = new Set<string>();
  for (const { turn, guest } of scenes) {
    for (const one of guest === undefined ? [turn] : [turn, guest.turn]) {
      seen.add(one.user);
      const own = byUser.get(one.user) ?? [];
      const isKnown = !own.some(({ attributes }) => attributes['chatdebug.run.context'] === 'unknown');
      if (one === turn || guest?.at === 'in the run') {
        if (isKnown) known += 1;
        else unknown += 1;
      }
      const isAround = one === turn && guest !== undefined && fails(guest.turn);
      found.push(...problemsOf(one, own, requests.get(one.user) ?? 0, isKnown, isAround));
    }
  }
  for (const user of byUser.keys())
    if (!seen.has(user)) found.push(`a span is of ${user}, who takes no part`);
  if (unknown > (known + unknown) * MOST_UNKNOWN) found.push(`the callers of ${unknown} turns are unknown`);
  found.push(...repeatedIds(spans), ...sums(stats));
  return found;
}

/** The spans of each user, by the one marker in each span. */
function sorted(spans: readonly ReceivedSpan[]) {
  const byUser = new Map<string, ReceivedSpan[]>();
  const found: string[] = [];
  for (const span of spans) {
    const text = JSON.stringify([span.attributes, span.events], (_, value) =>
      typeof value === 'bigint' ? undefined : value,
    );
    const users = [...new Set(text.match(MARKER) ?? [])];
    if (users.length > 1) found.push(`one span has ${users.join(' and ')}: ${text}`);
    if (users.length === 0) found.push(`a span has no user: ${text.slice(0, 400)}`);
    for (const user of users) byUser.set(user, [...(byUser.get(user) ?? []), span]);
  }
  return { byUser, found };
}

/**
 * @param requests the number of requests at the provider
 * @param isKnown the callers of all its requests are known: otherwise one has the configured capture and joins nothing
 * @param isAround its run contains one that fails, and is kept with it
 */
function problemsOf(
  turn: Turn,
  own: readonly ReceivedSpan[],
  requests: number,
  isKnown: boolean,
  isAround: boolean,
): string[] {
  const found: string[] = [];
  const say = (what: string) => found.push(`${what}: ${JSON.stringify(turn)}`);
  const attempts = attemptsIn(own);
  const names = [...own, ...attempts].flatMap(({ attributes }) => Object.keys(attributes));
  const isSure = turn.chosenBy !== 'captureFor, later' && isKnown;
  if (turn.capture === 'off' && isSure && own.length > 0) say('recorded although it is off');
  if (turn.capture !== 'full' && names.some((name) => CONTENT.test(name)))
    say('content without full capture');
  if (turn.capture === 'full' && isSure) {
    if (attempts.length !== requests) say(`${attempts.length} attempts of ${requests} requests`);
    const ids = new Set(attempts.map(({ attributes }) => attributes['chatdebug.attempt.request_id']));
    const answered = turn.script === 'aborted' ? 0 : requests;
    for (let tries = 0; tries < answered; tries += 1) {
      if (!ids.has(requestIdOf(turn.user, tries))) say(`request ${tries} is on no step`);
    }
  }
  if (turn.capture === 'errors' && fails(turn) && !own.some(isStep)) say('a failure is lost');
  // Before Node 22.12, of the first recorded request over an open socket of node:http. Its retry is not recognised.
  const isBodyUnseen = attempts.some(
    ({ attributes }) => attributes['chatdebug.attempt.bodies'] === 'request_out_of_reach',
  );
  if (turn.capture === 'errors' && isKnown && !fails(turn) && !isBodyUnseen) {
    if (isAround ? attempts.length > 0 : own.length > 0) say('kept without a failure');
  }
  return found;
}

function repeatedIds(spans: readonly ReceivedSpan[]): string[] {
  const ids = attemptsIn(spans).map(({ attributes }) => attributes['chatdebug.attempt.request_id']);
  const given = ids.filter((id) => id !== undefined);
  const once = new Set<unknown>();
  return given.flatMap((id) => {
    if (once.has(id)) return [`exchange ${id} is on two steps`];
    once.add(id);
    return [];
  });
}

function sums(stats: Played['stats']): string[] {
  if (stats === undefined) return ['no counters'];
  const { started, undecided, kept, dropped, lost } = stats;
  const all = [kept, ...Object.values(dropped), ...Object.values(lost)];
  const decided = all.reduce((sum, one) => sum + one, 0);
  return undecided !== 0 || decided !== started ? [`runs do not add up: ${started}, ${decided}`] : [];
}

function attemptsIn(spans: readonly ReceivedSpan[]) {
  return spans.flatMap(({ events }) => events.filter(({ name }) => name === 'chatdebug.attempt'));
}

function isStep({ events }: ReceivedSpan): boolean {
  return events.some(({ name }) => name === 'chatdebug.attempt');
}
