/**
 * Words as they stand in texts, in lower case. Within a word or an identifier they are something else:
 * `typeof` is no end of file, `get_rate_limit` is the name of a tool. Alternatives of fixed text only, or
 * with bounded gaps, so that matching is linear in the text.
 */
function phrases(...alternatives: readonly string[]): RegExp {
  return new RegExp(`(?<![a-z0-9_])(?:${alternatives.join('|')})(?![a-z])`);
}

export const INTERRUPTED = phrases('(?:chat|request|operation) interrupted');

export const CONTINUITY = phrases(
  'no tool output found for function call',
  'was provided without its required .?reasoning.? item',
);

export const STREAM_CUT = phrases(
  'stream (?:was |has )?(?:closed|ended|disconnected) (?:before|without|unexpectedly|prematurely)',
  'request ended without sending any chunks',
  'incomplete json segment at the end',
);

export const PREVIOUS_RESPONSE = phrases('previous[ _]response(?:[ _]id)?(?![a-z])[^\\n]{0,160}?not found');

export const OVERLOADED = phrases('overloaded');

export const CONTENT_FILTER = phrases(
  'content management policy',
  'content filtering policy',
  'rejected by the content filter',
  'input was flagged',
);

export const MISSING_KEY = phrases(
  'missing credentials',
  'could not resolve authentication method',
  'could not load credentials',
  'could not find credentials',
  'api[ _]?key is missing',
  'api[ _]?key must be set',
  'environment variable is missing or empty',
);

export const OUT_OF_QUOTA = phrases('insufficient_quota');

export const QUOTA = phrases(
  'quotas?',
  'billing',
  'payment required',
  'insufficient (?:credits|balance|funds)',
  'credit balance',
);

export const UNAUTHORIZED = phrases(
  'authentication(?!_(?!error))',
  'unauthorized',
  'unauthenticated',
  'invalid[ _]api[ _]key',
  'incorrect api key',
  'api key not valid',
);

export const FORBIDDEN = phrases('forbidden');

export const RATE_LIMIT = phrases('rate[ _-]limit(?:s|ed|ing)?', 'too many requests', 'resource_exhausted');

export const DEADLINE_OF_THE_CALLER = phrases('context deadline exceeded', 'aborted due to timeout');

export const TRANSPORT = phrases(
  'deadline',
  'time-?outs?',
  'timed out',
  'unavailable',
  'connection (?:was )?(?:reset|refused|closed)',
  'econn(?:reset|refused|aborted)',
  'etimedout',
  'enotfound',
  'eai_again',
  'epipe',
  'eof',
  'broken pipe',
  'bad gateway',
  'socket hang up',
  'other side closed',
  'premature close',
  'goaway',
  '(?:nghttp2_|stream id [0-9]{1,10}; )(?:internal_error|refused_stream|cancel|enhance_your_calm|no_error)',
);

export const CONFIG = phrases(
  'invalid model(?! (?:output|response))',
  'model not found',
  'model_not_found',
  'unsupported model',
  'not a valid model',
  'model identifier is invalid',
  'no endpoints found',
  'context[ _]length[ _]exceeded',
  'context_exceeded',
  'maximum context length',
  'exceed context limit',
  'context window',
  'prompt is too long',
  'input is too long',
  'exceeds the maximum number of tokens',
  'malformed config(?:uration)?',
);

export const MODEL = phrases('models?', 'deployments?');

export const SERVER_ERROR = phrases('server error', 'server had an error');

export const CANCELLED = phrases(
  'aborterror',
  'context canceled',
  '(?:operation|request) was (?:aborted|cancell?ed)',
);
