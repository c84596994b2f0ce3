import { gatherEvidence } from './gather.js';
import { isErrorKind, isRetryableKind } from './kind.js';
import { RULES } from './rules.js';
import { settle } from './settle.js';
import type { ClassifyOptions, Explanation } from './types.js';

/**
 * The same as `classifyError`, with the name of the rule that decided and the evidence it matched: for a look
 * at why an error got its kind. Takes what `classifyError` takes; never throws.
 */
export function explainError(error: unknown, options: ClassifyOptions = {}): Explanation {
  const evidence = gatherEvidence(error);
  const kind = evidence.attached?.kind;
  // Rule 1: the application's own decision wins.
  if (isErrorKind(kind)) {
    const verdict = { kind, retryable: isRetryableKind(kind) };
    return explanation('attached', `kind ${kind}`, settle(evidence, verdict, options));
  }
  for (const rule of RULES) {
    const matched = rule.match(evidence);
    if (matched !== undefined) return explanation(rule.name, matched, settle(evidence, rule, options));
  }
  throw new Error('the last rule matches everything');
}

function explanation(
  rule: string,
  matched: string,
  classification: Explanation['classification'],
): Explanation {
  return Object.freeze({ classification, rule, evidence: matched === '' ? undefined : matched });
}
