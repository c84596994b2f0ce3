import { types } from 'node:util';
import type { RequestTarget } from '../attempt/attempt.js';
import { headerValue, readHeaders } from '../attempt/raw-headers.js';
import { guarded, warn } from '../self-diagnostics.js';
import type { RunOptions } from '../types.js';
import type { WireFormatName } from '../wire/format.js';
import { checkedRunOptions } from './run-options.js';

/** A recognised request outside every run. */
export interface RecognisedRequest {
  /** Scheme, authority, path and query, as they are: they may hold secrets. */
  readonly url: string;
  /** What it is written in, by its path. */
  readonly format: WireFormatName;
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** Where the path names it. */
  readonly model: string | undefined;
  /** A header as the application gave it, by its name in any case; `undefined` where there is none. */
  header(name: string): string | undefined;
}

/**
 * Names the run that a request opens by itself: gives back its options (kind, chat id, owner, …), `undefined`
 * for a `chat_turn` of which nothing is known, `false` for a request that is not to be recorded. Called inside
 * the application's call, so it must be quick; one that throws counts as `undefined`, with a warning.
 */
export type RunFor = (request: RecognisedRequest) => RunOptions | false | undefined;

/** `undefined` where no run is to be opened. */
export function optionsFor(request: RequestTarget, runFor: RunFor | undefined): RunOptions | undefined {
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
    const named: unknown = runFor(recognised);
    if (named === false) return undefined;
    if (!types.isPromise(named)) return checkedRunOptions(named ?? {});
    named.catch(() => {});
    warn('runFor returned a promise: expected run options, the run is recorded without a name');
    return {};
  });
}
