import { epochMillis } from '../clock.js';
import { overridesOf } from './attach.js';
import { detailOf, errorName, errorTypeOf, identifier, MAX_ID } from './detail.js';
import { errorKind, isRetryableKind, messageFor } from './kind.js';
import { providerOf, providerTitle } from './provider.js';
import { gatherEvidence } from './read-exception.js';
import { RULES } from './rules.js';
import type { Classification, ClassifyOptions, Evidence, Explanation, Verdict } from './types.js';
import { retryDelay } from './values.js';

/** See `classifyError` of `index.ts`. */
export function classifyError(error: unknown, options: ClassifyOptions = {}): Classification {
  return explainError(error, options).classification;
}

/** See `explainError` of `index.ts`. */
export function explainError(error: unknown, options: ClassifyOptions = {}): Explanation {
  const evidence = gatherEvidence(error);
  const kind = errorKind(evidence.attached?.kind);
  // The application's own decision wins over the rules.
  if (kind !== undefined) {
    const verdict = { kind, retryable: isRetryableKind(kind) };
    return explanation('attached', `kind ${kind}`, settle(evidence, verdict, options));
  }
  for (const rule of RULES) {
    const matched = rule.match(evidence);
    if (matched !== undefined) return explanation(rule.name, matched, settle(evidence, rule, options));
  }
  throw new Error('the last rule matches everything');
}

function explanation(rule: string, matched: string, classification: Classification): Explanation {
  return Object.freeze({ classification, rule, evidence: matched === '' ? undefined : matched });
}

/** The evidence as a result, with what the application attached in front. */
function settle(evidence: Evidence, verdict: Verdict, options: ClassifyOptions): Classification {
  const overrides = evidence.attached === undefined ? undefined : overridesOf(evidence.attached);
  const provider = overrides?.provider ?? providerOf(evidence, options.provider);
  return Object.freeze({
    kind: verdict.kind,
    message: messageFor(verdict.kind, providerTitle(provider)),
    detail: verdict.detail ?? detailOf(evidence, verdict.kind === 'auth'),
    provider,
    retryable: verdict.retryable,
    statusCode: evidence.status ?? evidence.textStatus,
    retryAfterMillis: evidence.headers && retryDelay(evidence.headers, options.now ?? epochMillis),
    chainBroken: verdict.chainBroken ?? false,
    requestId: identifier(evidence.requestId, MAX_ID),
    exceptionType: errorName(evidence.exceptionType),
    errorType: errorTypeOf(evidence),
    ...overrides,
  });
}
