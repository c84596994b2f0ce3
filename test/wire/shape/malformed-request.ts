import type { WireFormatName } from '../../../src/wire/format.js';

/** The formats of requests over HTTP. */
export type HttpFormatName = Exclude<WireFormatName, 'openai-realtime' | 'gemini-live'>;

/** A request that its provider answers with 400, and the part of its shape that names the fault. */
export interface Malformed {
  readonly fault: string;
  readonly format: HttpFormatName;
  readonly body: Readonly<Record<string, unknown>>;
  readonly tells: object;
}

/** The fault, the request, and the part of its shape that names the fault. */
export type Fault = readonly [fault: string, body: Record<string, unknown>, tells: object];

/** In each text of a person or a model, and in each id and each file. */
export const CONTENT = 'PRIVATE';
export const WORDS = `${CONTENT} words`;
export const PNG = `data:image/png;base64,${CONTENT}AAAA`;

export const user = { role: 'user', content: WORDS };
export const call = (
  id: unknown,
  given: unknown = `{"city":"${CONTENT}"}`,
  name: unknown = 'get_weather',
) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: given } }],
});
export const result = (id: unknown) => ({ role: 'tool', tool_call_id: id, content: WORDS });
export const tool = (name: unknown, parameters: unknown = { type: 'object', properties: {} }) => ({
  type: 'function',
  function: { name, description: WORDS, parameters },
});
export const chat = (messages: unknown, more: object = {}) => ({ model: 'gpt-4o-mini', messages, ...more });
export const ID = `call_${CONTENT}1`;
