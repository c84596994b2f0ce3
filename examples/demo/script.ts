import { completion, completionStream, openaiError, rateLimited } from '../../test/support/openai-replies.js';
import type { Reply } from '../../test/support/provider.js';

const serverError = (requestId: string): Reply =>
  openaiError(
    500,
    null,
    'server_error',
    'The server had an error while processing your request. Sorry about that!',
    {
      'x-request-id': requestId,
    },
  );

const REVOKED =
  'Incorrect API key provided: sk-demo-************hKf2. You can find your API key at https://platform.openai.com/account/api-keys.';

/** The number of turns of the chat application. */
export const TURNS = 4;

/** The number of kept turns by capture mode. */
export const KEPT = { errors: 1, full: TURNS } as const;

export const WHY_NOTHING_OF_THE_OTHERS =
  'The others were not sent: two succeeded, one of them at the second attempt, and a refused key (401) is an ' +
  'error of kind auth. By default, only unclassified errors (kind generic) are kept.';

/** The responses of the provider, in order. */
export const SCRIPT: readonly Reply[] = [
  // The first turn: a tool call, then a streamed answer.
  completion('', {
    id: 'chatcmpl-forecast',
    requestId: 'req_forecast',
    toolCalls: [{ id: 'call_1', name: 'forecast', arguments: '{"city":"Lisbon"}' }],
    usage: { prompt_tokens: 84, completion_tokens: 15, total_tokens: 99 },
  }),
  completionStream('Yes. Eleven millimetres, most of it sideways.', {
    id: 'chatcmpl-umbrella',
    requestId: 'req_umbrella',
    delayMillis: 15,
    usage: { prompt_tokens: 121, completion_tokens: 12, total_tokens: 133 },
  }),
  // The second: too many requests, then the answer.
  rateLimited(300, { 'x-request-id': 'req_too_many' }),
  completion('A coat. It is fourteen degrees and wet.', {
    id: 'chatcmpl-coat',
    requestId: 'req_coat',
    usage: { prompt_tokens: 146, completion_tokens: 11, total_tokens: 157 },
  }),
  // The third: an error on every attempt of the client.
  serverError('req_failed_1'),
  serverError('req_failed_2'),
  serverError('req_failed_3'),
  // The fourth: the key was revoked.
  openaiError(401, 'invalid_api_key', 'invalid_request_error', REVOKED, { 'x-request-id': 'req_refused' }),
];
