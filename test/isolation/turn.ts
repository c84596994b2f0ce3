import type { Capture } from '../../src/index.js';
import type { Random } from '../redact/planted.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/reply.js';
import { CLIENT_NAMES, type ClientName, repeats } from './clients.js';

/** How the capture level of a turn is chosen. */
export type ChosenBy = 'withRun' | 'captureFor' | 'captureFor, later' | 'runFor';

/**
 * - `retried`: fails once, and succeeds at the next try.
 * - `odd`: refused for a reason that nobody expected.
 * - `failed`: fails at each try.
 * - `aborted`: hangs until the application aborts it.
 */
export type Script = 'answered' | 'streamed' | 'retried' | 'odd' | 'failed' | 'aborted';

/** One turn of a user who has no other: the user's marker is on all that is the user's alone. */
export interface Turn {
  readonly user: string;
  readonly capture: Capture;
  readonly chosenBy: ChosenBy;
  readonly client: ClientName;
  /** Which of the shared dispatchers carries it, where the client takes one. */
  readonly dispatcher: number;
  /** The same for all users, or the user's own. */
  readonly prompt: string;
  readonly script: Script;
}

export const MARKER = /user-\d{7}-/g;

const USER = (number: number): string => `user-${String(number).padStart(7, '0')}-`;
const CHOSEN_BY: readonly ChosenBy[] = ['withRun', 'captureFor', 'captureFor, later', 'runFor'];
const SCRIPTS: readonly Script[] = ['answered', 'streamed', 'retried', 'odd', 'failed', 'aborted'];
const CAPTURES: readonly Capture[] = ['errors', 'full', 'off'];

export function turnOf(number: number, random: Random): Turn {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const user = USER(number);
  const client = pick(CLIENT_NAMES);
  const chosenBy = pick(CHOSEN_BY);
  const script = pick(SCRIPTS);
  // Outside of every run only a client that says so tries a call again; `ai` is asked for no stream.
  const isPlayed =
    script === 'retried' ? repeats(client, chosenBy !== 'runFor') : script !== 'streamed' || client !== 'ai';
  return {
    user,
    client,
    chosenBy,
    capture: pick(CAPTURES),
    dispatcher: Math.floor(random() * 3),
    prompt: random() < 0.5 ? 'Hello' : `Hello from ${user}`,
    script: isPlayed ? script : 'answered',
  };
}

/** @param tries how many of the turn's requests came before */
export function replyTo({ script, user }: Turn, tries: number): Reply {
  const now = { 'retry-after-ms': '1' };
  if (script === 'aborted') return { type: 'hang', when: 'before-headers' };
  if (script === 'streamed') return completionStream(`Hi ${user} there.`);
  if (script === 'odd') return openaiError(400, null, 'invalid_request_error', `Odd ${user}`);
  const fails = script === 'failed' || (script === 'retried' && tries === 0);
  return fails ? openaiError(500, null, 'server_error', `Broken ${user}`, now) : completion(`Hi ${user}`);
}
