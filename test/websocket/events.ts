import { responseStream } from '../support/openai-responses-replies.js';
import type { SseEvent } from '../support/provider.js';
import type { Event } from './socket-server.js';

/** The events of one response of the Responses API over WebSocket. */
export function responseEvents(text: string, id = 'resp_1'): Event[] {
  const { events } = responseStream(text);
  const data = events.flatMap((event: SseEvent) => (typeof event === 'string' ? [] : [event.data]));
  return data.map((event) => JSON.parse(JSON.stringify(event).replaceAll('resp_1', id)));
}

export const USAGE = {
  total_tokens: 30,
  input_tokens: 20,
  output_tokens: 10,
  input_token_details: { text_tokens: 8, audio_tokens: 12, cached_tokens: 4 },
  output_token_details: { text_tokens: 2, audio_tokens: 8 },
};

/** The events of one spoken response of the Realtime API. */
export function realtimeEvents(
  transcript: string,
  id = 'resp_rt',
  status: Event = { status: 'completed' },
): Event[] {
  const place = { response_id: id, item_id: `item_${id}`, output_index: 0, content_index: 0 };
  const item = {
    id: `item_${id}`,
    object: 'realtime.item',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_audio', transcript }],
  };
  const response = {
    object: 'realtime.response',
    id,
    status: 'in_progress',
    status_details: null,
    output: [],
  };
  const named = (type: string, members: Event): Event => ({ type, event_id: `event_${type}`, ...members });
  return [
    named('response.created', { response }),
    named('response.output_item.added', { ...place, item: { ...item, content: [] } }),
    ...transcript
      .split(/(?<= )/)
      .flatMap((delta) => [
        named('response.output_audio_transcript.delta', { ...place, delta }),
        named('response.output_audio.delta', { ...place, delta: Buffer.alloc(1_200, 7).toString('base64') }),
      ]),
    named('response.output_item.done', { ...place, item }),
    named('response.done', { response: { ...response, output: [item], usage: USAGE, ...status } }),
  ];
}
