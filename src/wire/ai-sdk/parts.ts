import { type MessagePart, TEXT_LENGTH, type TextPart, textPart } from '../content.js';
import { cutText, unreadPart } from '../facts/bounded-value.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { asList, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { fileAt, mediaPart } from './media-part.js';
import { boundedCopy, plainCopy } from './plain-copy.js';

/** One part of a prompt's message or of an answer's content: the types that v2, v3 and v4 have. */
export function partOf(value: unknown): MessagePart {
  const part = asObject(value) ?? {};
  return knownPart(part) ?? unknownPart(part);
}

/** Its type, and its size as JSON without the files in it. */
export function unknownPart(part: JsonObject): MessagePart {
  return unreadPart(part['type'], plainCopy(part));
}

function knownPart(part: JsonObject): MessagePart | undefined {
  switch (part['type']) {
    case 'text':
      return written('text', part['text']);
    case 'reasoning':
      return written('reasoning', part['text']);
    case 'file':
    case 'reasoning-file':
      return mediaPart(part['data'], part['mediaType']);
    case 'tool-call':
      return toolCall(part['toolCallId'], part['toolName'], given(part['input']));
    case 'tool-result':
      return toolResponse(part);
    default:
      return undefined;
  }
}

function written(type: TextPart['type'], value: unknown): TextPart | undefined {
  const text = asText(value);
  return text === undefined ? undefined : textPart(type, text);
}

export function toolCall(id: unknown, name: unknown, input: unknown): MessagePart {
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(id) }),
    name: asLabel(name) ?? '',
    ...defined({ arguments: input }),
  };
}

/** An answer has the arguments as the model wrote them, JSON as text; a prompt has them read. */
function given(input: unknown): unknown {
  return typeof input === 'string' ? writtenInput(input, input.length) : boundedCopy(input);
}

/** @param fullLength of the text, where not all of it is given */
export function writtenInput(text: string, fullLength: number): unknown {
  if (text.length > TEXT_LENGTH || fullLength > text.length) return cutText(text, fullLength);
  return boundedCopy(parsed(text) ?? text);
}

/** A prompt has what a tool gave back under `output`, an answer under `result`. */
function toolResponse(part: JsonObject): MessagePart {
  const output = asObject(part['output']);
  const content = output === undefined ? boundedCopy(part['result']) : outputOf(output);
  const failed = output === undefined ? part['isError'] === true : isFailure(output['type']);
  const response = failed ? { is_error: true, ...defined({ content }) } : content;
  return { type: 'tool_call_response', ...defined({ id: asLabel(part['toolCallId']), response }) };
}

function isFailure(type: unknown): boolean {
  return type === 'error-text' || type === 'error-json' || type === 'execution-denied';
}

function outputOf({ type, value, reason }: JsonObject): unknown {
  if (type === 'execution-denied') return boundedCopy(reason);
  return type === 'content' ? asList(value).map(outputPart) : boundedCopy(value);
}

/** Of a tool's answer in parts: texts, and files by data, URL or id under a dozen names. */
function outputPart(value: unknown): MessagePart {
  const part = asObject(value) ?? {};
  const file = part['data'] ?? part['url'];
  const known =
    part['type'] === 'text'
      ? written('text', part['text'])
      : (mediaPart(file, part['mediaType']) ?? fileAt(part['fileId']));
  return known ?? unknownPart(part);
}
