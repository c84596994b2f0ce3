/**
 * Matches phrases in a text in lower case, not inside a word or an identifier: `typeof` is not an end of file, and
 * `get_rate_limit` is the name of a tool. Alternatives are fixed text with bounded gaps, so that matching takes
 * linear time.
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

export const PROXY_REFUSAL = phrases(
  'proxy response \\([0-9]{3}\\)',
  'http tunneling',
  'tunneling socket could not be established',
  'proxy connection ended before receiving connect',
  'failed to establish tunnel',
);

export const PREVIOUS_RESPONSE = phrases('previous[ _]response(?:[ _]id)?(?![a-z])[^\\n]{0,160}?not found');

export const OVERLOADED = phrases('overloaded');

export const CONTENT_FILTER = phrases(
  'content management policy',
  'content filtering policy',
  'rejected by the content filter',
  'input was flagged',
  'was flagged as potentially violating',
  'result of our safety system',
);

/** An API key, as SDKs name it. */
const KEY = 'api[ _-]?keys?';
/** A missing environment variable such as `OPENAI_API_KEY`. */
const NO_VARIABLE =
  /(?:(?:api|access|auth|secret)_(?:key|token)|_(?:key|token|secret|credentials?) environment variable) (?:is )?(?:missing|required|not (?:set|found|defined|provided))(?![a-z])/;

const NO_KEY = phrases(
  '(?:missing|requires) (?:aws )?credentials',
  'could not resolve authentication method',
  '(?:could not|unable to|cannot) (?:find|load|locate) (?:the )?(?:default )?credentials',
  'credential is missing',
  'resolved credential object is not valid',
  `${KEY} (?:or token provider )?not (?:found|provided|set|configured|specified|defined)`,
  `${KEY} (?:[a-z0-9_]{1,60} )?(?:is |are )?(?:missing|required|not (?:set|provided|configured|defined))`,
  `${KEY} must be (?:set|provided|a string)`,
  `(?:could not find|please set|didn.t provide|missing|no) (?:an? |the )?(?:required )?${KEY}`,
);

export const MISSING_KEY = new RegExp(`${NO_KEY.source}|${NO_VARIABLE.source}`);

export const OUT_OF_QUOTA = phrases(
  'insufficient_quota',
  // Anthropic's spend limits.
  'reached your specified (?:workspace )?api usage limits',
);

export const QUOTA = phrases(
  // Not field names such as `quota_limit`.
  'quotas?(?!_(?!exceeded))',
  'billing(?!_(?!error|not|hard|disabled))',
  'payment required',
  'insufficient (?:account )?(?:credits|balance|funds)',
  'credit balance',
  '(?:used all available|have any|not enough|no remaining) credits',
  'spend(?:ing)? limit',
  'budget has been exceeded',
);

export const UNAUTHORIZED = phrases(
  'authentication(?!_(?!error))',
  'unauthorized',
  'unauthenticated',
  'invalid[ _]api[ _-]key',
  'incorrect api key',
  'api key not valid',
);

export const FORBIDDEN = phrases('forbidden');

export const RATE_LIMIT = phrases('rate[ _-]limit(?:s|ed|ing)?', 'too many requests', 'resource_exhausted');

export const TOKENS_PER_TIME = phrases('(?:tokens|requests) per (?:min(?:ute)?|hour|day)');

export const DEADLINE_OF_THE_CALLER = phrases('context deadline exceeded', 'aborted due to timeout');

export const TRANSPORT = phrases(
  'deadline',
  'time-?outs?(?!_(?:ms|millis|s|sec|seconds)(?![a-z]))',
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
  'no healthy upstream',
  'upstream connect error',
  // Deno
  'failed to lookup address information',
  'goaway',
  '(?:nghttp2_|stream id [0-9]{1,10}; )(?:internal_error|refused_stream|cancel|enhance_your_calm|no_error)',
);

export const CONFIG = phrases(
  'invalid model(?! (?:output|response))',
  'model not found',
  'model_not_found',
  'unsupported model',
  'not a valid model',
  'model (?:[^\\s]{1,128} )?(?:does not exist|(?:was )?not found|is not supported|has been (?:decommissioned|deprecated))',
  'model identifier is invalid',
  'could not resolve the foundation model',
  'on-demand throughput isn.t supported',
  'no endpoints found',
  'context[ _]length[ _]exceeded',
  'context_exceeded',
  'maximum context length',
  'exceed context limit',
  'context window',
  'available context size',
  'maximum (?:model|prompt) length',
  "longer than the model's context length",
  'contextwindowexceedederror',
  'prompt is too long',
  'input is too long',
  'exceeds the maximum number of tokens',
  'malformed config(?:uration)?',
  'region (?:setting )?is missing',
  'missing region',
  // Missing keys match an earlier rule.
  'environment variable is missing or empty',
  'api[ _](?:instance name|deployment name|version) not found',
  'unable to detect a project id',
  // TLS
  'certificate has expired',
  'self[- ]signed certificate',
  'unable to (?:get (?:local )?issuer|verify the first) certificate',
  "certificate's altnames",
  'ssl routines',
  'wrong version number',
  // Deno
  'invalid peer certificate',
  'received corrupt message of type invalidcontenttype',
);

export const MODEL = phrases('models?', 'deployments?');

export const SERVER_ERROR = phrases('server error', 'server had an error');

export const CANCELLED = phrases(
  'aborterror',
  'context canceled',
  '(?:operation|request) was (?:aborted|cancell?ed)',
);
