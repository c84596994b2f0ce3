import { contentKind } from '../../content-kind.js';
import { isJson } from '../../is-json.js';

/** Whether a body that came to its end is whole. */
export type Verdict = { readonly complete: true } | { readonly complete: false; readonly reason: string };

export interface JudgedBody {
  readonly method: string;
  readonly statusCode: number;
  readonly contentType: string | undefined;
  /** The header as it came. */
  readonly contentLength: string | undefined;
  /** Bytes seen, before decoding. */
  readonly size: number;
  /** What was captured of it, decoded. */
  readonly text: string;
  /** The capture holds less than the body, or could not be decoded. */
  readonly truncated: boolean;
}

const COMPLETE: Verdict = Object.freeze({ complete: true });

/**
 * Judges a body at its end (reference rows R5 and R6): fewer bytes than announced is incomplete, so is JSON
 * that does not parse, unless only its beginning was captured. Answers that have no body are complete, and so
 * is an event stream, whose end says nothing.
 */
export function judgeBody(body: JudgedBody): Verdict {
  const kind = contentKind(body.contentType);
  if (hasNoBody(body) || kind === 'sse') return COMPLETE;
  const announced = Number(body.contentLength ?? Number.NaN);
  if (body.size < announced) {
    return { complete: false, reason: `the body ended after ${body.size} of ${announced} bytes` };
  }
  if (kind !== 'json' || body.truncated || announced === 0) return COMPLETE;
  return isJson(body.text) ? COMPLETE : { complete: false, reason: 'the body is no complete JSON' };
}

function hasNoBody({ method, statusCode }: JudgedBody): boolean {
  return method === 'HEAD' || statusCode < 200 || statusCode === 204 || statusCode === 304;
}
