import { warn } from '../self-diagnostics.js';
import { REDACTED } from './names.js';

/**
 * Takes a text that is about to be written and gives what is written in its place.
 *
 * @param where the name of the attribute; `span.name` and `span.status` for a span's name and status
 */
export type Redact = (value: string, where: string) => string;

export interface OwnRules {
  /** What they match is replaced. */
  readonly patterns: readonly RegExp[];
  readonly redact: Redact | undefined;
}

/**
 * Returns the function that applies the user's own rules to a text: the patterns, each everywhere it matches, and
 * then `redact`. Where that one throws or gives back no text, nothing of the value is written.
 */
export function ownRules({ patterns, redact }: OwnRules): Redact {
  // Copies: a pattern of the application's keeps its `lastIndex`, and ours is nobody's.
  const everywhere = patterns.map((one) => new RegExp(one.source, one.global ? one.flags : `${one.flags}g`));
  return (value, where) => {
    let text = value;
    for (const pattern of everywhere) text = text.replace(pattern, (match) => (match === '' ? '' : REDACTED));
    return redact === undefined ? text : guardedRedact(redact, text, where);
  };
}

function guardedRedact(redact: Redact, text: string, where: string): string {
  try {
    const result: unknown = redact(text, where);
    if (typeof result === 'string') return result;
    warn('the redact function gave back no text: the value is left out');
  } catch (error) {
    warn('the redact function threw: the value is left out', error);
  }
  return REDACTED;
}
