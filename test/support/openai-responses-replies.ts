import type { SseEvent } from './provider.js';
import type { JsonReply, SseReply } from './reply.js';

const REQUEST_ID = { 'x-request-id': 'req_1' };
const USAGE = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 30,
};
const PLACE = { item_id: 'msg_1', output_index: 0, content_index: 0 };

/** `POST /responses` without `stream`. */
export function response(text: string): JsonReply {
  return { type: 'json', headers: REQUEST_ID, body: completed(text) };
}

/** The same with `stream`. Each word is an event. */
export function responseStream(text: string): SseReply {
  const pieces = text.match(/\S+\s*|\s+/g) ?? [];
  const events: [type: string, fields: object][] = [
    ['response.created', { response: head('in_progress') }],
    ['response.in_progress', { response: head('in_progress') }],
    ['response.output_item.added', { output_index: 0, item: item([], 'in_progress') }],
    ['response.content_part.added', { ...PLACE, part: part('') }],
    ...pieces.map((delta): [string, object] => [
      'response.output_text.delta',
      { ...PLACE, delta, logprobs: [] },
    ]),
    ['response.output_text.done', { ...PLACE, text, logprobs: [] }],
    ['response.content_part.done', { ...PLACE, part: part(text) }],
    ['response.output_item.done', { output_index: 0, item: item([part(text)], 'completed') }],
    ['response.completed', { response: completed(text) }],
  ];
  return {
    type: 'sse',
    headers: REQUEST_ID,
    done: false,
    events: events.map(([type, fields], index) => responseEvent(type, index, fields)),
  };
}

export function responseEvent(type: string, index: number, fields: object): SseEvent {
  return { event: type, data: { type, sequence_number: index, ...fields } };
}

function completed(text: string) {
  return { ...head('completed'), output: [item([part(text)], 'completed')], usage: USAGE };
}

function head(status: string) {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_764_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    model: 'gpt-4o-mini-2024-07-18',
    output: [] as unknown[],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: null as typeof USAGE | null,
    metadata: {},
  };
}

function item(content: readonly object[], status: string) {
  return { id: 'msg_1', type: 'message', role: 'assistant', status, content };
}

function part(text: string) {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
