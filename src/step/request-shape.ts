import type { Attempt } from '../attempt/attempt.js';
import { sentRequest } from '../attempt/text.js';
import { guarded } from '../self-diagnostics.js';
import { requestShape } from '../wire/shape/request-shape.js';

/**
 * What the last request of a failed call was made of, without its content; `undefined` where its body was not to
 * be seen. Reads what the client still holds, so it is called before the attempts are let go.
 */
export function shapeOfLast(attempts: readonly Attempt[]): string | undefined {
  const attempt = attempts.findLast(({ call, sent }) => call !== undefined && sent !== undefined);
  if (attempt?.call === undefined || attempt.sent === undefined) return undefined;
  const { name } = attempt.call.format;
  const size = attempt.requestBytes;
  if (attempt.sent.isGivenUp) return JSON.stringify({ format: name, unread: `too long: ${size} bytes` });
  const body = sentRequest(attempt);
  if (body === undefined && attempt.sent.text() === undefined) return undefined;
  if (body === undefined) return JSON.stringify({ format: name, unread: `no JSON: ${size} bytes` });
  return guarded('the shape of a request could not be read', undefined, () => requestShape(name, body));
}
