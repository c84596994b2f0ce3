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

/** How many turns the chat application takes. */
export const TURNS = 4;

/** How many of them are kept. */
export const KEPT = { errors: 1, full: TURNS } as const;

export const WHY_NOTHING_OF_THE_OTHERS =
  'Nothing was sent of the others: two succeeded, one of them at the second try, and a refused key (401) is an ' +
  'error of the kind auth. By default only unexpected errors, of the kind generic, are kept.';

/** What the provider answers, request by request. */
export const SCRIPT: readonly Reply[] = [
  // The first turn: a tool call, then the answer as a stream.
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
  // The third: as often as the client tries.
  serverError('req_failed_1'),
  serverError('req_failed_2'),
  serverError('req_failed_3'),
  // The fourth: somebody has revoked the key.
  openaiError(401, 'invalid_api_key', 'invalid_request_error', REVOKED, { 'x-request-id': 'req_refused' }),
];
