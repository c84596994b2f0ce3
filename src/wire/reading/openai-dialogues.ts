import { asObject, asText, type JsonObject, jsonText } from '../json/json.js';
import { type Dialogue, SentItems, type ServerEvent, type SocketMessage, sizeNote } from './dialogue.js';
import { defined } from './values.js';

const LAST_EVENTS: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'error',
]);

/**
 * The Responses API over WebSocket. The server answers each `response.create` with the events of a stream, one
 * response at a time.
 */
export class ResponsesDialogue implements Dialogue {
  sent(message: SocketMessage): string | undefined {
    return message.type === 'response.create' ? message.text : undefined;
  }

  received({ type = '' }: SocketMessage): ServerEvent | undefined {
    if (LAST_EVENTS.has(type)) return { ends: true };
    return type.startsWith('response.') ? { begins: type === 'response.created' } : undefined;
  }

  request(): string {
    return '{}';
  }
}

/** Maps a client event type to the type of the event that acknowledges it. */
const ACKNOWLEDGEMENTS: ReadonlyMap<string, RegExp> = new Map([
  ['session.update', /^session\.updated$/],
  ['conversation.item.create', /^conversation\.item\.(?:created|added)$/],
  ['conversation.item.retrieve', /^conversation\.item\.retrieved$/],
  ['conversation.item.truncate', /^conversation\.item\.truncated$/],
  ['conversation.item.delete', /^conversation\.item\.deleted$/],
  ['input_audio_buffer.commit', /^input_audio_buffer\.committed$/],
  ['input_audio_buffer.clear', /^input_audio_buffer\.cleared$/],
  ['response.create', /^response\.created$/],
]);

const RESPONSE_CREATE = 'response.create';
const MAX_UNANSWERED = 256;

/**
 * OpenAI's Realtime API. The client requests a response by `response.create`, or the server starts one when speech
 * ends. Responses may overlap and are distinguished by their ids.
 */
export class RealtimeDialogue implements Dialogue {
  readonly #items = new SentItems();
  #session: JsonObject = {};
  #audioBytes = 0;
  /** Unacknowledged client events. An error without an event id refers to the first one. */
  #unanswered: { readonly type: string; readonly eventId: string | undefined }[] = [];

  constructor(private readonly model: string | undefined) {}

  sent(message: SocketMessage): string | undefined {
    const { type } = message;
    if (type === 'input_audio_buffer.append') {
      // The size by the length of the base64 text, without decoding.
      this.#audioBytes += Math.floor(message.text.length * 0.75);
      return undefined;
    }
    const { body } = message;
    if (type === undefined || body === undefined) return undefined;
    this.#expect(type, asText(body['event_id']));
    if (type === 'session.update') this.#session = { ...this.#session, ...asObject(body['session']) };
    if (type === 'conversation.item.create') this.#items.add(body['item'], message.text.length);
    return type === RESPONSE_CREATE ? this.#request(asObject(body['response'])) : undefined;
  }

  received(message: SocketMessage): ServerEvent | undefined {
    const { type = '' } = message;
    if (type === 'error') return this.#failed(message);
    if (!type.endsWith('.delta')) this.#acknowledge(type);
    if (type === 'session.created')
      this.#session = { ...asObject(message.body?.['session']), ...this.#session };
    if (!type.startsWith('response.')) return undefined;
    return {
      responseId: message.responseId,
      begins: type === 'response.created',
      ends: type === 'response.done',
    };
  }

  request(): string {
    return this.#request(undefined);
  }

  /** Returns the request in the form of the Responses API, which has the same items and tools. */
  #request(response: JsonObject | undefined): string {
    const settings = { ...this.#session, ...response };
    const audio =
      this.#audioBytes === 0
        ? []
        : [{ role: 'user', content: [{ type: 'input_audio', audio: sizeNote(this.#audioBytes) }] }];
    this.#audioBytes = 0;
    const sent = this.#items.take();
    const input = response?.['input'] === undefined ? [...sent, ...audio] : response['input'];
    return (
      jsonText({
        ...defined({
          model: settings['model'] ?? this.model,
          instructions: settings['instructions'],
          tools: settings['tools'],
          tool_choice: settings['tool_choice'],
          temperature: settings['temperature'],
          max_output_tokens: settings['max_output_tokens'] ?? settings['max_response_output_tokens'],
        }),
        input,
      }) ?? '{}'
    );
  }

  #expect(type: string, eventId: string | undefined): void {
    if (!ACKNOWLEDGEMENTS.has(type)) return;
    this.#unanswered.push({ type, eventId });
    if (this.#unanswered.length > MAX_UNANSWERED) this.#unanswered.shift();
  }

  /** The server answers in order, so earlier events need no acknowledgement any more. */
  #acknowledge(type: string): void {
    const index = this.#unanswered.findIndex((one) => ACKNOWLEDGEMENTS.get(one.type)?.test(type));
    if (index >= 0) this.#unanswered = this.#unanswered.slice(index + 1);
  }

  /** An error ends a response only if it refers to its `response.create`. */
  #failed({ body }: SocketMessage): ServerEvent | undefined {
    const eventId = asText(asObject(body?.['error'])?.['event_id']);
    const known = this.#unanswered.findIndex((one) => one.eventId === eventId && eventId !== undefined);
    const [cause] = known >= 0 || eventId === undefined ? this.#unanswered.splice(Math.max(0, known), 1) : [];
    return cause?.type === RESPONSE_CREATE ? { ends: true } : undefined;
  }
}
