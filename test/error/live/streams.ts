import type { SseEvent } from '../../support/provider.js';
import type { ClientName } from './clients.js';

const chunk = (content: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'test',
  choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }],
});

const OPENAI: readonly SseEvent[] = [{ data: chunk('one') }, { data: chunk(' two') }];

const anthropic = (type: string, fields: object): SseEvent => ({ event: type, data: { type, ...fields } });

const text = (value: string) =>
  anthropic('content_block_delta', { index: 0, delta: { type: 'text_delta', text: value } });

const ANTHROPIC: readonly SseEvent[] = [
  anthropic('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'test',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  }),
  anthropic('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  text('one'),
  text(' two'),
];

const part = (value: string): SseEvent => ({
  data: {
    candidates: [{ content: { role: 'model', parts: [{ text: value }] }, index: 0 }],
    modelVersion: 'test',
  },
});

const GOOGLE: readonly SseEvent[] = [part('one'), part(' two')];

const GATEWAY: readonly SseEvent[] = [
  { data: { type: 'stream-start', warnings: [] } },
  { data: { type: 'text-start', id: '0' } },
  { data: { type: 'text-delta', id: '0', delta: 'one' } },
  { data: { type: 'text-delta', id: '0', delta: ' two' } },
];

/** The beginning of a successful stream in each client's format. */
export function goodStart(client: ClientName): readonly SseEvent[] {
  if (client.includes('anthropic')) return ANTHROPIC;
  if (client.includes('gateway')) return GATEWAY;
  return client.includes('google') ? GOOGLE : OPENAI;
}
