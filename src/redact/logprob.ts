/** The members of OpenAI's log probabilities, in the two orders in which they come. */
const LOGPROB =
  /"(?:[^"\\]|\\.){0,200}"\s*,\s*"(?:logprob"|bytes"\s*:\s*(?:null|\[[\d,\s]*\])\s*,\s*"logprob")/y;

/** Whether the "token" whose value begins at `at` is a piece of the model's text: its probability follows. */
export function isLogprob(text: string, at: number): boolean {
  LOGPROB.lastIndex = at;
  return LOGPROB.test(text);
}
