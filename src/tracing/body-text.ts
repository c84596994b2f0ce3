import type { BodyText } from '../attempt/attempt.js';
import { withoutMark } from '../attempt/body/text.js';
import type { Redaction } from './redaction.js';

/** What the recorder says in place of a body that it can't show: brackets around a few words and a size. */
const NOTE = /^\[[^[\]{}"\n]{1,300} bytes\]$/;

/**
 * The text of a body as it is written: redacted by its content type, the mark of its end kept.
 *
 * @param broken the exchange ended before the body may have
 */
export function redactedBody(
  body: BodyText,
  contentType: string | undefined,
  broken: boolean,
  redaction: Redaction,
  where: string,
): string {
  const text = withoutMark(body);
  const mark = body.text.slice(text.length);
  if (NOTE.test(text)) return redaction.text(text, where) + mark;
  return redaction.body({ text, contentType, truncated: body.truncated || broken }, where) + mark;
}
