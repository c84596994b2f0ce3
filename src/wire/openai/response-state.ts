import { parseJsonPrefix } from '../json/json-prefix.js';

/** As much of an answer as is read for it, in characters: providers write both members near the beginning. */
export const STATE_LENGTH = 4_096;

/** How far a response has come that the provider works on in the background. */
export interface ResponseState {
  readonly id: string;
  /** It is not over: a poll may ask for it later. */
  readonly isUnderWay: boolean;
}

/** Reads id and status off the answer to a call or a poll; `undefined` if it has none. */
export function responseState(text: string): ResponseState | undefined {
  const answer = parseJsonPrefix(text.slice(0, STATE_LENGTH));
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { id, status } = answer as { readonly id?: unknown; readonly status?: unknown };
  if (typeof id !== 'string' || id === '' || typeof status !== 'string') return undefined;
  return { id, isUnderWay: status === 'queued' || status === 'in_progress' };
}

/** The first event of a stream names the response, and whether it goes on if the stream breaks. */
const STREAMED_ID = /"response":\s?\{\s?"id":\s?"([^"\\]{1,200})"/;
const IN_BACKGROUND = /"background":\s?true/;

/** Reads the id of a response in the background off the beginning of its stream; `undefined` for any other. */
export function backgroundIdIn(text: string): string | undefined {
  const head = text.slice(0, STATE_LENGTH);
  return IN_BACKGROUND.test(head) ? STREAMED_ID.exec(head)?.[1] : undefined;
}
