import type { Attempt } from '../attempt/attempt.js';
import { releaseRequest, sentRequest } from '../attempt/captured-text.js';
import { guarded } from '../self-diagnostics.js';
import { requestShape } from '../wire/shape/request-shape.js';
import { requestedOperation } from './operation.js';

/**
 * Returns the shape of the last request of a failed call, without content; `undefined` if its body was not observed.
 * Reads the held request, so it must be called before the attempts are released.
 */
export function shapeOfLast(attempts: readonly Attempt[]): string | undefined {
  const attempt = attempts.findLast(
    ({ call, heldRequest }) => call !== undefined && heldRequest !== undefined,
  );
  if (attempt === undefined) return undefined;
  if (!shapes.has(attempt)) shapes.set(attempt, shapeOf(attempt));
  return shapes.get(attempt);
}

const shapes = new WeakMap<Attempt, string | undefined>();

/** Computes the shape of the last request of a failed call, and releases bodies whose content is not written. */
export function condenseRequests(attempts: readonly Attempt[]): void {
  shapeOfLast(attempts);
  requestedOperation(attempts.at(-1));
  for (const attempt of attempts) if (attempt.content === undefined) releaseRequest(attempt);
}

function shapeOf(attempt: Attempt): string | undefined {
  if (attempt.call === undefined || attempt.heldRequest === undefined) return undefined;
  const { name, like } = attempt.call.format;
  const size = attempt.requestBytes;
  if (attempt.heldRequest.isOverLimit)
    return JSON.stringify({ format: name, unread: `too long: ${size} bytes` });
  const body = sentRequest(attempt);
  if (body === undefined && attempt.heldRequest.text() === undefined) return undefined;
  if (body === undefined) return JSON.stringify({ format: name, unread: `no JSON: ${size} bytes` });
  return guarded('the shape of a request could not be read', undefined, () => requestShape(name, body, like));
}
