import { errorName } from './clean.js';
import type { Evidence } from './evidence.js';
import { statusOf } from './match.js';

/** The attribute `error.type`: of low cardinality, `_OTHER` where nothing is known, per the conventions. */
export function errorTypeOf(evidence: Evidence): string {
  const status = statusOf(evidence);
  return (
    errorName(evidence.providerCode) ??
    (status === undefined ? undefined : String(status)) ??
    errorName(evidence.systemCode) ??
    errorName(evidence.exceptionType) ??
    '_OTHER'
  );
}
