import type { WireFormat } from '../../src/wire/format.js';
import type { StreamedEvent } from './recorded.js';

export const event = (name: string | undefined, data: object): StreamedEvent => [name, JSON.stringify(data)];

/** A format with the facts of the recorded request and response of this name. */
export interface Reading {
  readonly format: WireFormat;
  readonly name: string;
  readonly events: readonly StreamedEvent[];
  readonly request: object;
  readonly answer: object;
  readonly counts: object;
}

export const WEATHER = { type: 'tool_call', name: 'get_weather', arguments: { city: 'Paris' } };
export const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
export const TOOL = { type: 'function', name: 'get_weather', description: 'Weather', parameters: SCHEMA };
export const IMAGE = { type: 'blob', modality: 'image', size: 8 };
export const PNG = { ...IMAGE, mime_type: 'image/png' };
export const thought = (content: string) => ({ type: 'reasoning', content });
export const text = (content: string) => ({ type: 'text', content });
export const answered = (finish_reason: string | undefined, ...parts: object[]) => [
  { role: 'assistant', parts, ...(finish_reason !== undefined && { finish_reason }) },
];
