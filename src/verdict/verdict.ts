import { contentKind, mediaType } from '../content-kind.js';
import { streamFraming } from '../wire/stream/stream-framing.js';
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
} from './errors.js';

/** What is known of an HTTP exchange that has ended. */
export interface EndedExchange {
  /** The request is a model call by its method, path and headers. */
  readonly isCall: boolean;
  /** It is one to a model whose answers may have any form. */
  readonly isOpenCall?: boolean;
  readonly method: string;
  /** `undefined` where no response came. */
  readonly statusCode: number | undefined;
  readonly contentType: string | undefined;
  /** The header as it came. */
  readonly contentLength: string | undefined;
  /** Bytes of the body, as they came. */
  readonly size: number;
  /** As HTTP says, by an error of the transport, or by an abort of the application. */
  readonly ending: 'clean' | 'broken' | 'aborted';
  /** The provider had been silent for too long when the exchange was aborted. */
  readonly isStalled: boolean;
  /** `undefined` where the body was not to be seen or could not be read. */
  readonly body: BodyFindings | undefined;
  /** False for clients whose bodies cannot be observed. */
  readonly isBodySeen: boolean;
  /** Only the beginning of the body was to be seen. */
  readonly isBeginning: boolean;
}

/** How an exchange ended. */
export interface Verdict {
  readonly status: 'completed' | 'failed' | 'interrupted';
  /** What it failed with, if that was found in the body; else it is the error of the transport. */
  readonly failure?: { readonly body: unknown } | Error;
}

const COMPLETED: Verdict = Object.freeze({ status: 'completed' });

/**
 * Judges an exchange by its bytes and by how it ended. Both captures ask this one function, with the same input for
 * the same bytes, so an exchange has the same outcome in both. Pure; never throws.
 */
export function judge(exchange: EndedExchange): Verdict {
  const { statusCode, ending, body, isCall } = exchange;
  const byEnding = verdictOfEnding(exchange);
  if (statusCode === undefined) return ending === 'clean' ? { status: 'failed' } : byEnding;
  if (statusCode >= 400) return { status: 'failed' };
  if (hasNoBody(exchange) || statusCode >= 300) return byEnding;
  if (!isCall) return ending === 'clean' ? wholeness(exchange) : byEnding;
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
    // Clients read on behind a finish reason, but not behind the last event.
    if (finished && (terminated || ending !== 'broken')) return COMPLETED;
    if (ending !== 'clean' || exchange.isBeginning) return byEnding;
    return failed(unfinished(body));
  }
  if (ending !== 'clean') return byEnding;
  if (body.framing === 'none') return failed(emptyBody(exchange));
  if (body.framing === 'page') return failed(new WebPageError());
  if (streamFraming(exchange.contentType) === 'messages')
    return failed(new IncompleteBodyError('the body is no event stream'));
  if (body.framing === 'text') return failed(new UnexpectedAnswerError(body.firstLine));
  return wholeness(exchange);
}

/** The body is a stream of events, however they are written. */
export function isStreamed({ framing }: BodyFindings): boolean {
  return framing === 'events' || framing === 'values' || framing === 'messages';
}

const ENDINGS = { clean: 'completed', broken: 'failed', aborted: 'interrupted' } as const;

/** An abort is an interruption, but for one after a silence: SDKs with a watchdog drop its reason. */
function verdictOfEnding({ ending, isStalled }: EndedExchange): Verdict {
  return ending === 'aborted' && isStalled ? failed(new StreamSilenceError()) : { status: ENDINGS[ending] };
}

/** What a stream that ended cleanly without its end failed with. */
function unfinished({ framing, findings }: BodyFindings): Verdict['failure'] & object {
  if (findings.complaint !== undefined) return { body: findings.complaint };
  if (framing === 'values' && !findings.hasAnswer) return new UnexpectedAnswerError(undefined);
  return new StreamEndedEarlyError(findings.lastEvent);
}

/** An answer in one piece, or the only chunk of a stream. */
function judgeAnswer(exchange: EndedExchange, { value, isWhole, findings }: BodyFindings): Verdict {
  const { ending, isBeginning } = exchange;
  const { fault, last: frame } = findings;
  if (fault !== undefined) return failed(faultError(fault));
  if (ending !== 'clean') return verdictOfEnding(exchange);
  if (frame?.cancelled || findings.cancelled) return { status: 'interrupted' };
  if (isBeginning) return COMPLETED;
  if (!isWhole) return failed(new IncompleteBodyError('the body is no complete JSON'));
  if (frame?.isEmpty) return failed(new EmptyAnswerError('the response has no choices'));
  if (frame?.isPiece && !frame.finished) return failed(new StreamEndedEarlyError(frame.name));
  if (value !== undefined && !frame?.isAnswer && !exchange.isOpenCall)
    return failed(frame?.complaint ? { body: frame.complaint } : new UnexpectedAnswerError(undefined));
  return wholeness(exchange);
}

function emptyBody({ contentType }: EndedExchange): Error {
  return streamFraming(contentType) !== undefined
    ? new StreamEndedEarlyError(undefined)
    : new EmptyAnswerError('the response has no body');
}

/** A body with fewer bytes than announced, and JSON that ends in the middle, are not whole. */
function wholeness({ contentLength, contentType, size, body, isBeginning }: EndedExchange): Verdict {
  const announced = Number(contentLength ?? Number.NaN);
  if (size < announced)
    return failed(new IncompleteBodyError(`the body ended after ${size} of ${announced} bytes`));
  const isJson = contentKind(contentType) === 'json' && announced !== 0;
  const isWhole =
    body === undefined || isBeginning || (body.framing === 'json' && body.isWhole) || isValues(body);
  return isJson && !isWhole ? failed(new IncompleteBodyError('the body is no complete JSON')) : COMPLETED;
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

/** Where the body cannot be observed its type must do. */
function isPageByType({ isBodySeen, contentType }: EndedExchange): boolean {
  return !isBodySeen && mediaType(contentType) === 'text/html';
}

function hasNoBody({ method, statusCode = 0 }: EndedExchange): boolean {
  return method === 'HEAD' || statusCode < 200 || statusCode === 204 || statusCode === 304;
}
