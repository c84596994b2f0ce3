import { clean, errorName } from './clean.js';
import type { Evidence } from './evidence.js';

export const MAX_DETAIL = 500;

/** What a router says when somebody else failed; what that one said comes with it. */
const PASSED_ON = /^provider returned error\.?$/i;

/**
 * What the provider or the transport said: the message of the body, else the words of the exceptions down the
 * chain, each that the one before did not repeat. Of a refused authentication only the provider's code, since
 * such a text may quote the key in a shape nobody knows. ("Detail" in the reference.)
 */
export function detailOf(evidence: Evidence, isAuth: boolean): string | undefined {
  if (isAuth) return errorName(evidence.providerCode);
  const answered = evidence.answered.find((words) => !PASSED_ON.test(words)) ?? evidence.answered[0];
  const detail = clean(answered ?? chain(evidence.said, evidence.status), MAX_DETAIL);
  return detail === '' ? undefined : detail;
}

function chain(said: readonly string[], status: number | undefined): string {
  let joined = '';
  for (const words of said.map((one) => withoutStatus(one, status))) {
    if (joined === '') joined = words;
    else if (!joined.includes(words)) joined += `: ${words}`;
  }
  return joined;
}

/** The SDKs of OpenAI and Anthropic put the status in front of what the body says. */
function withoutStatus(words: string, status: number | undefined): string {
  if (words === `${status}`) return '';
  return words.startsWith(`${status} `) && !words.startsWith(`${status} status`) ? words.slice(4) : words;
}
