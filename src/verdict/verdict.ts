import { contentKind, mediaType } from '../content-kind.js';
import { streamFraming } from '../wire/format.js';
import type { BodyFindings } from './body-evidence.js';
import {
  EmptyAnswerError,
  FailedFinishError,
  IncompleteBodyError,
  RefusedContentError,
  StreamEndedEarlyError,
  StreamSilenceError,
  UnexpectedAnswerError,
  WebPageError,
} from './response-errors.js';

export interface EndedExchange {
  /** The request is a model call, by its method, path and headers. */
  readonly isCall: boolean;
  /** The model's answers may have any form. */
  readonly isOpenCall?: boolean;
  /** The format of the response is unknown. */
  readonly isFreeForm?: boolean;
  readonly method: string;
  /** `undefined` if there was no response. */
  readonly statusCode: number | undefined;
  readonly contentType: string | undefined;
  /** The raw header. */
  readonly contentLength: string | undefined;
  /** The number of body bytes, before decoding. */
  readonly size: number;
  /** Ended according to HTTP, by a transport error, or by an abort of the application. */
  readonly ending: 'clean' | 'broken' | 'aborted';
  /** The exchange was aborted after the provider had sent nothing for `stallMillis`. */
  readonly isStalled: boolean;
  /** `undefined` if the body was not observed or not readable. */
  readonly body: BodyFindings | undefined;
  /** False if the client's bodies are not observable. */
  readonly isBodySeen: boolean;
  /** Only the beginning of the body was observed. */
  readonly isBeginning: boolean;
}

export interface Verdict {
  readonly status: 'completed' | 'failed' | 'interrupted';
  /** The failure found in the body. Default: the transport error. */
  readonly failure?: { readonly body: unknown } | Error;
}

const COMPLETED: Verdict = Object.freeze({ status: 'completed' });

/**
 * Determines the outcome of an exchange from its bytes and its ending. Both capture modes use this function with the
 * same input, so that an exchange has the same outcome in both. Pure; never throws.
 */
export function judge(exchange: EndedExchange): Verdict {
  const { statusCode, ending, body, isCall, isFreeForm } = exchange;
  const byEnding = verdictOfEnding(exchange);
  if (statusCode === undefined) return ending === 'clean' ? { status: 'failed' } : byEnding;
  if (statusCode >= 400) return { status: 'failed' };
  if (hasNoBody(exchange) || statusCode >= 300) return byEnding;
  if (!isCall) return ending === 'clean' ? verdictOfLength(exchange) : byEnding;
  if (body === undefined) return isPageByType(exchange) ? failed(new WebPageError()) : byEnding;
  const { fault, finished, terminated, cancelled } = body.findings;
  if (body.framing === 'json') return judgeAnswer(exchange, body);
  if (fault !== undefined) return failed(faultError(fault));
  if (cancelled) return { status: 'interrupted' };
  if (body.findings.corruption !== undefined)
    return failed(new IncompleteBodyError(body.findings.corruption));
  if (isStreamed(body)) {
    if (ending === 'clean' && !exchange.isBeginning && body.framing === 'messages' && !body.isWhole)
      return failed(new IncompleteBodyError('the event stream ends inside a message'));
    // Clients read on after a finish reason, but not after the last event.
    if (finished && (terminated || ending !== 'broken')) return COMPLETED;
    if (ending !== 'clean' || exchange.isBeginning || isFreeForm) return byEnding;
    return failed(unfinished(body));
  }
  if (ending !== 'clean') return byEnding;
  if (body.framing === 'none') return failed(emptyBody(exchange));
  if (body.framing === 'page') return failed(new WebPageError());
  if (streamFraming(exchange.contentType) === 'messages')
    return failed(new IncompleteBodyError('the body is not an event stream'));
  if (body.framing === 'text' && !isFreeForm) return failed(new UnexpectedAnswerError(body.firstLine));
  return verdictOfLength(exchange);
}

/** Whether the body is a stream of events, in any framing. */
export function isStreamed({ framing }: BodyFindings): boolean {
  return framing === 'events' || framing === 'values' || framing === 'messages';
}

const ENDINGS = { clean: 'completed', broken: 'failed', aborted: 'interrupted' } as const;

/** An abort is an interruption, except after a stall: SDKs with a watchdog discard the reason of their abort. */
function verdictOfEnding({ ending, isStalled }: EndedExchange): Verdict {
  return ending === 'aborted' && isStalled ? failed(new StreamSilenceError()) : { status: ENDINGS[ending] };
}

/** The failure of a stream that ended cleanly without a terminal event. */
function unfinished({ framing, findings }: BodyFindings): Verdict['failure'] & object {
  if (findings.possibleError !== undefined) return { body: findings.possibleError };
  if (framing === 'values' && !findings.hasAnswer) return new UnexpectedAnswerError(undefined);
  return new StreamEndedEarlyError(findings.lastEvent);
}

/** Judges a non-streaming response, or the only chunk of a stream. */
function judgeAnswer(exchange: EndedExchange, { value, isWhole, findings }: BodyFindings): Verdict {
  const { ending, isBeginning } = exchange;
  const { fault, last: frame } = findings;
  if (fault !== undefined) return failed(faultError(fault));
  if (ending !== 'clean') return verdictOfEnding(exchange);
  if (frame?.cancelled || findings.cancelled) return { status: 'interrupted' };
  if (isBeginning) return COMPLETED;
  if (!isWhole) return failed(new IncompleteBodyError('the body is not complete JSON'));
  if (frame?.isEmpty) return failed(new EmptyAnswerError('the response has no choices'));
  if (frame?.isPiece && !frame.finished && !exchange.isFreeForm)
    return failed(new StreamEndedEarlyError(frame.name));
  if (value !== undefined && !frame?.isAnswer && !exchange.isOpenCall)
    return failed(
      frame?.possibleError ? { body: frame.possibleError } : new UnexpectedAnswerError(undefined),
    );
  return verdictOfLength(exchange);
}

function emptyBody({ contentType }: EndedExchange): Error {
  return streamFraming(contentType) !== undefined
    ? new StreamEndedEarlyError(undefined)
    : new EmptyAnswerError('the response has no body');
}

/** Fails for a body shorter than its `content-length` and for truncated JSON. */
function verdictOfLength({ contentLength, contentType, size, body, isBeginning }: EndedExchange): Verdict {
  const announced = Number(contentLength ?? Number.NaN);
  if (size < announced)
    return failed(new IncompleteBodyError(`the body ended after ${size} of ${announced} bytes`));
  const isJson = contentKind(contentType) === 'json' && announced !== 0;
  const isWhole =
    body === undefined || isBeginning || (body.framing === 'json' && body.isWhole) || isValues(body);
  return isJson && !isWhole ? failed(new IncompleteBodyError('the body is not complete JSON')) : COMPLETED;
}

function isValues({ framing, isWhole }: BodyFindings): boolean {
  return framing === 'values' && isWhole;
}

function faultError(fault: NonNullable<BodyFindings['findings']['fault']>): Verdict['failure'] & object {
  if (fault.type === 'error') return { body: fault.body };
  return fault.type === 'refused'
    ? new RefusedContentError(fault.reason)
    : new FailedFinishError(fault.reason);
}

function failed(failure: Verdict['failure'] & object): Verdict {
  return { status: 'failed', failure };
}

/** Without an observable body only the content type is known. */
function isPageByType({ isBodySeen, contentType }: EndedExchange): boolean {
  return !isBodySeen && mediaType(contentType) === 'text/html';
}

function hasNoBody({ method, statusCode = 0 }: EndedExchange): boolean {
  return method === 'HEAD' || statusCode < 200 || statusCode === 204 || statusCode === 304;
}
