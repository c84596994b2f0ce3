import { epochMillis } from '../clock.js';
import { errorName, identifier, MAX_ID } from './clean.js';
import { detailOf } from './detail.js';
import { errorTypeOf } from './error-type.js';
import type { Evidence } from './evidence.js';
import type { ErrorKind } from './kind.js';
import { statusOf } from './match.js';
import { messageFor } from './message.js';
import { overridesOf } from './overrides.js';
import { providerOf, providerTitle } from './provider.js';
import { retryDelay } from './retry-delay.js';
import type { Classification, ClassifyOptions } from './types.js';

/** What a rule says of an error that matches it. */
export interface Verdict {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly chainBroken?: true;
  /** In place of what the provider said. */
  readonly detail?: string;
}

/** The evidence as a result, with what the application attached in front. */
export function settle(evidence: Evidence, verdict: Verdict, options: ClassifyOptions): Classification {
  const overrides = evidence.attached === undefined ? undefined : overridesOf(evidence.attached);
  const provider = overrides?.provider ?? providerOf(evidence, options.provider);
  return Object.freeze({
    kind: verdict.kind,
    message: messageFor(verdict.kind, providerTitle(provider)),
    detail: verdict.detail ?? detailOf(evidence, verdict.kind === 'auth'),
    provider,
    retryable: verdict.retryable,
    statusCode: statusOf(evidence),
    retryAfterMillis: evidence.headers && retryDelay(evidence.headers, options.now ?? epochMillis),
    chainBroken: verdict.chainBroken ?? false,
    requestId: identifier(evidence.requestId, MAX_ID),
    exceptionType: errorName(evidence.exceptionType),
    errorType: errorTypeOf(evidence),
    ...overrides,
  });
}
