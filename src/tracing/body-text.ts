import type { BodyText } from '../attempt/attempt.js';
import { TRUNCATED } from '../attempt/body/text.js';
import type { Redaction } from './redaction.js';

/** What the recorder says in place of a body that it can't show: brackets around a few words and a size. */
const NOTE = /^\[[^[\]{}"\n]{1,300} bytes\]$/;

/**
 * The text of a body as it is written: redacted by its content type, the mark of its end kept.
 *
 * @param broken the exchange ended before the body may have
 */
export function redactedBody(
  { text, truncated }: BodyText,
  contentType: string | undefined,
  broken: boolean,
  redaction: Redaction,
  where: string,
): string {
  const mark = truncated && text.endsWith(TRUNCATED) ? TRUNCATED : '';
  const bare = mark === '' ? text : text.slice(0, -mark.length);
  if (NOTE.test(bare)) return redaction.text(bare, where) + mark;
  return redaction.body({ text: bare, contentType, truncated: truncated || broken }, where) + mark;
}
