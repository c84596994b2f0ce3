import { redactAround, type Secret } from './marked.js';

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
