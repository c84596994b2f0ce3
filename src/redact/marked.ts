import { REDACTED } from './names.js';

/** What is secret of a text: from `begin` up to, not including, `end`. */
export interface Secret {
  readonly begin: number;
  readonly end: number;
}

/**
 * Replaces what `secretAt` gives for the places where `mark` stands by `[REDACTED]`; the same text where there is
 * none. Between the marks the engine's own search runs, some fifty times as fast as a pattern, so `mark` should be
 * what ordinary text has least of.
 */
export function redactAround(
  text: string,
  mark: string,
  secretAt: (text: string, markAt: number) => Secret | undefined,
): string {
  let result = '';
  let copied = 0;
  for (let at = text.indexOf(mark); at >= 0; ) {
    const secret = secretAt(text, at);
    if (secret !== undefined) {
      result += text.slice(copied, secret.begin) + REDACTED;
      copied = secret.end;
    }
    at = text.indexOf(mark, Math.max(at + mark.length, copied));
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** A kind of secret that free text may hold. */
export interface Kind {
  /** What stands in every one of them, and in other texts rarely. */
  readonly mark: string;
  /** Whether the mark at this place may be that of one, in a text or in JSON as it is written; if in doubt, yes. */
  isSuspect(text: string, at: number): boolean;
  /** Gives the text without them: the same one where it holds none. */
  redact(text: string): string;
}

/** The kind of which `secretAt` gives the secret, if there is one, around a mark. */
export function kindOf(
  mark: string,
  secretAt: (text: string, at: number) => Secret | undefined,
  isSuspect: Kind['isSuspect'] = () => true,
): Kind {
  return { mark, isSuspect, redact: (text) => redactAround(text, mark, secretAt) };
}
