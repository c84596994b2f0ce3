import type { Capture } from '../../src/index.js';
import type { Random } from '../redact/planted.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/reply.js';
import { CALLING_BACK, CLIENT_NAMES, type ClientName, type Moment, repeats } from './clients.js';
import { PLACES, type Place } from './places.js';

/** How the capture of a turn is chosen. */
export type ChosenBy = 'withRun' | 'captureFor' | 'captureFor, later' | 'runFor';

/**
 * - `retried`: fails once, and succeeds at the next attempt.
 * - `odd`: refused with an unclassified error.
 * - `failed`: fails at each attempt.
 * - `aborted`: hangs until the application aborts it.
 */
export type Script = 'answered' | 'streamed' | 'retried' | 'odd' | 'failed' | 'aborted';

/** The only turn of a user. The user's marker is in everything that belongs to the user. */
export interface Turn {
  readonly user: string;
  readonly capture: Capture;
  readonly chosenBy: ChosenBy;
  /** Whether the run is opened by `startRun` rather than `withRun`. */
  readonly hasHandle: boolean;
  /** The place from which the call is made. */
  readonly place: Place;
  readonly client: ClientName;
  /** The shared route, if the client can choose one. */
  readonly route: number;
  /** The same for all users, or the user's own. */
  readonly prompt: string;
  readonly script: Script;
}

/** The turn of one user and, inside it, that of another. */
export interface Scene {
  readonly turn: Turn;
  readonly guest?: {
    readonly turn: Turn;
    /** The point at which the guest's turn begins. If it is not reached, the turn begins in the run after the call. */
    readonly at: Moment | 'in the run';
  };
}

export const MARKER = /user-\d{7}-/g;
export const ROUTES = 5;

const USER = (number: number): string => `user-${String(number).padStart(7, '0')}-`;
const CHOSEN_BY: readonly ChosenBy[] = ['withRun', 'captureFor', 'captureFor, later', 'runFor'];
const SCRIPTS: readonly Script[] = ['answered', 'streamed', 'retried', 'odd', 'failed', 'aborted'];
const CAPTURES: readonly Capture[] = ['errors', 'full', 'off'];
const GUEST_AT = ['in the run', 'onConnect', 'onHeaders', 'onComplete'] as const;

/**
 * @param first the number of its first user
 * @param count the number of users
 */
export function scenesOf(first: number, count: number, random: Random): Scene[] {
  const scenes: Scene[] = [];
  for (let number = first; number < first + count; number += 1) {
    const hasGuest = number + 1 < first + count && random() < 0.25;
    if (!hasGuest) {
      scenes.push({ turn: turnOf(number, random, CLIENT_NAMES, CHOSEN_BY) });
      continue;
    }
    const at = oneOf(GUEST_AT, random);
    const turn = turnOf(number, random, at === 'in the run' ? CLIENT_NAMES : CALLING_BACK, CHOSEN_BY);
    number += 1;
    // Inside a run `runFor` is not called.
    const choices = turn.chosenBy === 'runFor' ? CHOSEN_BY : CHOSEN_BY.filter((one) => one !== 'runFor');
    scenes.push({ turn, guest: { at, turn: turnOf(number, random, CLIENT_NAMES, choices) } });
  }
  return scenes;
}

export function fails({ script }: Turn): boolean {
  return script === 'odd' || script === 'failed';
}

function turnOf(
  number: number,
  random: Random,
  clients: readonly ClientName[],
  choices: readonly ChosenBy[],
): Turn {
  const user = USER(number);
  const client = oneOf(clients, random);
  const chosenBy = oneOf(choices, random);
  const script = oneOf(SCRIPTS, random);
  const place = oneOf(PLACES, random);
  // Outside every run only a client that marks its retries retries a call. `ai` never streams.
  const isPlayed =
    script === 'retried' ? repeats(client, chosenBy !== 'runFor') : script !== 'streamed' || client !== 'ai';
  return {
    user,
    client,
    chosenBy,
    hasHandle: random() < 0.5,
    place,
    capture: oneOf(CAPTURES, random),
    route: Math.floor(random() * ROUTES),
    prompt: random() < 0.5 ? 'Hello' : `Hello from ${user}`,
    script: isPlayed ? script : 'answered',
  };
}

function oneOf<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** @param tries the number of the turn's earlier requests */
export function replyTo({ script, user }: Turn, tries: number): Reply {
  const requestId = requestIdOf(user, tries);
  const headers = { 'retry-after-ms': '1', 'x-request-id': requestId };
  if (script === 'aborted') return { type: 'hang', when: 'before-headers' };
  if (script === 'streamed') return completionStream(`Hi ${user} there.`, { requestId });
  if (script === 'odd') return openaiError(400, null, 'invalid_request_error', `Odd ${user}`, headers);
  const isFailing = script === 'failed' || (script === 'retried' && tries === 0);
  return isFailing
    ? openaiError(500, null, 'server_error', `Broken ${user}`, headers)
    : completion(`Hi ${user}`, { requestId });
}

/** Each exchange has its own id. */
export function requestIdOf(user: string, tries: number): string {
  return `req-${user}${tries}`;
}
