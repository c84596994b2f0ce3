import { types } from 'node:util';
import type { RequestTarget } from '../attempt/attempt.js';
import { headerValue, ObservedTarget, readHeaders } from '../attempt/request-line.js';
import { guarded, warn } from '../self-diagnostics.js';
import type { RunOptions } from '../types.js';
import type { RecognisedCall } from '../wire/format.js';
import type { OutgoingRequest } from '../wire/reading/own-format.js';
import { outgoingRequest, unknownCall } from '../wire/recognition/own-formats.js';
import { checkedRunOptions } from './run-options.js';

/** A recognised request outside any run. */
export interface RecognisedRequest {
  /** Scheme, authority, path and query, unredacted. */
  readonly url: string;
  /** A `WireFormatName`, or the name of one of the option `formats`. */
  readonly format: string;
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** The model, if the path names it. */
  readonly model: string | undefined;
  /**
   * Returns the value of a request header; `undefined` if the request has none.
   *
   * @param name in any case
   */
  header(name: string): string | undefined;
}

/**
 * Returns the options (kind, chat id, owner, …) of the run that a request opens; `undefined` for a
 * `chat_turn` without options; `false` if the request is not to be recorded. Called inside the application's call, so
 * it must be fast. An error counts as `undefined`, with a warning.
 */
export type RunFor = (request: RecognisedRequest) => RunOptions | false | undefined;

/**
 * Returns whether a request inside a run that is in no known format is recorded as a step, provided its response is
 * JSON or an event stream. Called inside the application's request, so it must be fast. An error counts as `false`,
 * with a warning.
 */
export type RecordUnknown = (request: OutgoingRequest) => boolean;

export function runOptionsFor(request: RequestTarget, runFor: RunFor | undefined): RunOptions | undefined {
  const { call, origin, path, headers } = request;
  if (runFor === undefined || call === undefined) return {};
  const recognised: RecognisedRequest = {
    url: path.startsWith('/') ? origin + path : path,
    format: call.format.name,
    provider: call.provider,
    model: call.model,
    header: (name) => headerValue(readHeaders(headers), name.toLowerCase()),
  };
  return guarded<RunOptions | undefined>('runFor failed, the run is recorded without a name', {}, () => {
    const options: unknown = runFor(recognised);
    if (options === false) return undefined;
    if (!types.isPromise(options)) return checkedRunOptions(options ?? {});
    options.catch(() => {});
    warn('runFor returned a promise: expected run options, the run is recorded without a name');
    return {};
  });
}

let isAsking = false;

export function asUnknownCall(
  request: RequestTarget,
  recordUnknown: RecordUnknown | undefined,
): (RequestTarget & { readonly call: RecognisedCall }) | undefined {
  if (recordUnknown === undefined || isAsking) return undefined;
  const outgoing = outgoingRequest(request);
  if (outgoing === undefined) return undefined;
  isAsking = true;
  const answer = guarded('recordUnknown failed, the request is not recorded', undefined, (): unknown =>
    recordUnknown(outgoing),
  );
  isAsking = false;
  if (types.isPromise(answer)) {
    answer.catch(() => {});
    warn('recordUnknown returned a promise: expected true or false, the request is not recorded');
  }
  const call = answer === true ? unknownCall(request) : undefined;
  return call && new UnknownTarget(request, call);
}

class UnknownTarget extends ObservedTarget<RecognisedCall> implements RequestTarget {
  constructor(
    private readonly request: RequestTarget,
    call: RecognisedCall,
  ) {
    super(request, call);
  }

  get headers(): unknown {
    return this.request.headers;
  }
}
