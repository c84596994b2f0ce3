import {
  answer,
  CHAT,
  COMPLETED,
  candidates,
  data,
  ENDED_EARLY,
  FINISH,
  GEMINI,
  GEMINI_STREAM,
  GOOD,
  generic,
  MESSAGE_START,
  MESSAGE_STOP,
  MESSAGES,
  messageDelta,
  named,
  piece,
  REFUSED,
  RESPONSES,
  response,
  START,
  type Variant,
  variant,
} from './variant.js';

/** Ends of streams and responses: in the middle, cut by the connection, or with a reason. */
export const ENDS: readonly Variant[] = [
  variant('finish_reason null throughout', CHAT, START, ENDED_EARLY),
  variant(
    'finish_reason empty, CRLF',
    CHAT,
    (data(piece('Foxes', '')) + data(piece('.', ''))).replaceAll('\n', '\r\n'),
    ENDED_EARLY,
  ),
  variant('only comments', CHAT, ': wait\n\n: wait\n\n', ENDED_EARLY),
  variant('a million bytes of keep-alives', CHAT, [{ text: ': keep-alive\n\n', times: 80_000 }], ENDED_EARLY),
  variant(
    'half an event at the end',
    CHAT,
    `${START}data: {"id":"c","choices":[{"delta":{},"finish_reason":"stop"`,
    ENDED_EARLY,
  ),
  variant('Anthropic without a stop reason', MESSAGES, MESSAGE_START + messageDelta(null), ENDED_EARLY),
  variant('Anthropic: message_stop alone', MESSAGES, MESSAGE_START + MESSAGE_STOP, COMPLETED),
  variant('Gemini without a finish reason', GEMINI_STREAM, data(candidates('Foxes')), ENDED_EARLY),
  variant(
    'Responses without a last event',
    RESPONSES,
    named('response.created', { type: 'response.created', response: response({ status: 'in_progress' }) }),
    ENDED_EARLY,
  ),
  variant('one chunk instead of a response', CHAT, piece('Foxes'), ENDED_EARLY),
  variant(
    'cut without streaming',
    CHAT,
    {},
    { status: 'error', kind: 'timeout' },
    { chunks: ['{"id":"c","choices":[{"mess'], end: 'cut' },
  ),
];

export const CUTS: readonly Variant[] = [
  variant('cut after [DONE]', CHAT, GOOD, COMPLETED, { end: 'cut' }),
  variant(
    'cut after message_stop',
    MESSAGES,
    MESSAGE_START + messageDelta('end_turn') + MESSAGE_STOP,
    COMPLETED,
    { end: 'cut' },
  ),
  variant(
    'cut after the finish reason',
    CHAT,
    START + FINISH,
    { status: 'error', kind: 'timeout' },
    { end: 'cut' },
  ),
];

export const REASONS: readonly Variant[] = [
  variant('content_filter without streaming', CHAT, answer({ finish_reason: 'content_filter' }), REFUSED),
  variant(
    'content_filter after good text, no [DONE]',
    CHAT,
    START + data(piece('', 'content_filter')),
    REFUSED,
  ),
  variant(
    'refusal without streaming',
    MESSAGES,
    { type: 'message', content: [{ type: 'text', text: 'No.' }], stop_reason: 'refusal' },
    REFUSED,
  ),
  ...['PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'IMAGE_SAFETY'].map((reason) =>
    variant(
      `Gemini: ${reason}`,
      GEMINI,
      { candidates: [{ finishReason: reason, index: 0 }] },
      { ...REFUSED, errorType: reason },
    ),
  ),
  variant(
    'Gemini: SAFETY in a stream',
    GEMINI_STREAM,
    data(candidates('Foxes')) + data(candidates('', 'SAFETY')),
    REFUSED,
  ),
  variant(
    'Gemini: a blocked prompt in a stream',
    GEMINI_STREAM,
    data({ promptFeedback: { blockReason: 'BLOCKLIST' } }),
    REFUSED,
  ),
  variant(
    'Gemini: UNEXPECTED_TOOL_CALL',
    GEMINI,
    { candidates: [{ finishReason: 'UNEXPECTED_TOOL_CALL', index: 0 }] },
    generic({ errorType: 'UNEXPECTED_TOOL_CALL' }),
  ),
  variant(
    'Gemini: MALFORMED_FUNCTION_CALL in a stream',
    GEMINI_STREAM,
    data(candidates('', 'MALFORMED_FUNCTION_CALL')),
    generic(),
  ),
  variant('finish_reason error without streaming', CHAT, answer({ finish_reason: 'error' }), generic()),
];
