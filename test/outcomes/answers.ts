import type { Reply, ReplyHeaders } from '../support/provider.js';
import { sseText } from '../support/send-reply.js';
import type { Scene } from './scene.js';

/** The beginning of a successful response without an end. */
export function hangsAfter({ operation, client }: Scene): Reply {
  const { stream, beginning } = client.dialect;
  return operation === 'generate' ? { type: 'hang', when: 'in-body' } : { ...stream, hangAfter: beginning };
}

/** A successful stream in one piece: a reader of its first event has received all of it. */
export function wholeStream({ client }: Scene, before = ''): Reply {
  const { stream } = client.dialect;
  const events = stream.done === false ? stream.events : [...stream.events, 'data: [DONE]\n\n'];
  return { ...stream, events: [before + events.map(sseText).join('')], done: false };
}

/** A failure with status 500 whose body never ends. */
export function endlessFailure(headers: ReplyHeaders = {}): Reply {
  return {
    type: 'sse',
    status: 500,
    headers: { 'content-type': 'application/json', ...headers },
    events: ['{"error":{"message":"'],
    hangAfter: 1,
  };
}
