import type { StepOperation } from '../../types.js';
import {
  cut,
  type MediaPart,
  type Message,
  type MessagePart,
  TEXT_LENGTH,
  type TextPart,
  type ToolDefinition,
  textPart,
} from '../content.js';
import type { RequestFacts, RequestParameters } from '../format.js';
import {
  asCount,
  asLabel,
  asList,
  asNumber,
  asObject,
  asText,
  type JsonObject,
  parsed,
} from '../json/json.js';
import {
  base64Part,
  blobPart,
  boundedCopy,
  cutText,
  defined,
  filePart,
  plainCopy,
  serverToolCall,
  serverToolResponse,
  textsIn,
  unreadPart,
  uriPart,
} from './values.js';

/** Call options that the facts represent, or that are not for the model. */
const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  'prompt',
  'maxOutputTokens',
  'temperature',
  'stopSequences',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'responseFormat',
  'seed',
  'tools',
  'toolChoice',
  'providerOptions',
  'abortSignal',
  'headers',
  'includeRawChunks',
]);

/**
 * Facts from the options of a call, read immediately, since a model may change them.
 *
 * @param value `LanguageModelV2CallOptions`, or those of v3 or v4
 * @param model the name of the model
 */
export function requestFacts(value: unknown, operation: StepOperation, model: unknown): RequestFacts {
  const options = asObject(value) ?? {};
  const prompt = asList(options['prompt']).map(asObject);
  const instructions = prompt.findIndex((message) => message?.['role'] !== 'system');
  const first = instructions < 0 ? prompt.length : instructions;
  return {
    model: asLabel(model),
    operation,
    parameters: parametersOf(options),
    outputType: asObject(options['responseFormat'])?.['type'] === 'json' ? 'json' : undefined,
    systemInstructions: prompt.slice(0, first).flatMap((message) => partsOf(message?.['content'], false)),
    messages: prompt.slice(first).map(messageOf),
    toolDefinitions: asList(options['tools']).flatMap(toolDefinition),
    toolChoice: toolChoice(asObject(options['toolChoice'])),
    optionCount: optionCount(options),
  };
}

function parametersOf(options: JsonObject): RequestParameters {
  return defined({
    temperature: asNumber(options['temperature']),
    topP: asNumber(options['topP']),
    topK: asNumber(options['topK']),
    maxTokens: asCount(options['maxOutputTokens']),
    frequencyPenalty: asNumber(options['frequencyPenalty']),
    presencePenalty: asNumber(options['presencePenalty']),
    seed: asNumber(options['seed']),
    stopSequences: textsIn(options['stopSequences']),
  });
}

function messageOf(message: JsonObject | undefined): Message {
  const role = asLabel(message?.['role']) ?? 'user';
  return { role, parts: partsOf(message?.['content'], role === 'assistant') };
}

/** The content of a system message is a text, of others a list. */
function partsOf(content: unknown, isModels: boolean): Message['parts'] {
  if (typeof content === 'string') return [textPart('text', content)];
  return asList(content).map((part) => partOf(part, isModels));
}

/** Provider tools have an id (`openai.web_search`) instead of a schema. */
function toolDefinition(value: unknown): readonly ToolDefinition[] {
  const tool = asObject(value);
  const name = asLabel(tool?.['name']);
  if (tool === undefined || name === undefined) return [];
  const description = asText(tool['description']);
  return [
    {
      type: asLabel(tool['id']) ?? asLabel(tool['type']) ?? 'function',
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: plainCopy(tool['inputSchema']),
      }),
    },
  ];
}

function toolChoice(choice: JsonObject | undefined): string | undefined {
  return asLabel(choice?.['type'] === 'tool' ? choice['toolName'] : choice?.['type']);
}

/** Counts provider options and options that are not in the list. */
function optionCount(options: JsonObject): number {
  const ofProviders = Object.values(asObject(options['providerOptions']) ?? {});
  const others = Object.keys(options).filter(
    (name) => !KNOWN_OPTIONS.has(name) && options[name] !== undefined,
  );
  return ofProviders.reduce<number>(
    (count, members) => count + Object.keys(asObject(members) ?? {}).length,
    others.length,
  );
}

/**
 * Reads a part of a message or of an answer, with the types of v2, v3 and v4.
 *
 * @param isModels the model wrote the part: a result in it is that of a provider-executed tool
 */
export function partOf(value: unknown, isModels: boolean): MessagePart {
  const part = asObject(value) ?? {};
  return knownPart(part, isModels) ?? unknownPart(part);
}

/** A part with only its type and its size as JSON without files. */
export function unknownPart(part: JsonObject): MessagePart {
  return unreadPart(part['type'], plainCopy(part));
}

function knownPart(part: JsonObject, isModels: boolean): MessagePart | undefined {
  switch (part['type']) {
    case 'text':
      return written('text', part['text']);
    case 'reasoning':
      return written('reasoning', part['text']);
    case 'file':
    case 'reasoning-file':
      return mediaPart(part['data'], part['mediaType']);
    case 'tool-call':
      return part['providerExecuted'] === true
        ? serverToolCall(part['toolCallId'], part['toolName'], typeOf(part), {
            input: parsedInput(part['input']),
          })
        : toolCall(part['toolCallId'], part['toolName'], parsedInput(part['input']));
    case 'tool-result':
      return isModels
        ? serverToolResponse(part['toolCallId'], typeOf(part), resultOf(part))
        : toolResponse(part);
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

/** Answers contain arguments as JSON text, prompts contain them parsed. */
function parsedInput(input: unknown): unknown {
  return typeof input === 'string' ? inputFromText(input, input.length) : boundedCopy(input);
}

/** @param fullLength the length of the whole text, if `text` is truncated */
export function inputFromText(text: string, fullLength: number): unknown {
  if (text.length > TEXT_LENGTH || fullLength > text.length) return cutText(text, fullLength);
  return boundedCopy(parsed(text) ?? text);
}

function typeOf({ toolName }: JsonObject): string {
  return asLabel(toolName) ?? '';
}

function toolResponse(part: JsonObject): MessagePart {
  const { is_error: failed, content } = resultOf(part);
  const response = failed ? { is_error: true, ...defined({ content }) } : content;
  return { type: 'tool_call_response', ...defined({ id: asLabel(part['toolCallId']), response }) };
}

/** Prompts contain tool results as `output`, answers as `result`. */
function resultOf(part: JsonObject): { readonly content: unknown; readonly is_error?: true } {
  const output = asObject(part['output']);
  const content = output === undefined ? boundedCopy(part['result']) : outputOf(output);
  const failed = output === undefined ? part['isError'] === true : isFailure(output['type']);
  return { content, ...(failed && { is_error: true }) };
}

function isFailure(type: unknown): boolean {
  return type === 'error-text' || type === 'error-json' || type === 'execution-denied';
}

function outputOf({ type, value, reason }: JsonObject): unknown {
  if (type === 'execution-denied') return boundedCopy(reason);
  return type === 'content' ? asList(value).map(outputPart) : boundedCopy(value);
}

/** A part of a tool result: a text, or a file by data, URL or id with various type names. */
function outputPart(value: unknown): MessagePart {
  const part = asObject(value) ?? {};
  const file = part['data'] ?? part['url'];
  const known =
    part['type'] === 'text'
      ? written('text', part['text'])
      : (mediaPart(file, part['mediaType']) ?? fileAt(part['fileId']));
  return known ?? unknownPart(part);
}

const DATA_URL = /^data:([^;,]{0,255})[^,]{0,255},/i;
const WEB_URL = /^https?:\/\//i;

/**
 * Reads a file without its data. Up to v3 `data` is bytes, base64, or a URL as text or object; in v4 an object with a
 * type. Returns `undefined` for anything else.
 */
function mediaPart(data: unknown, mediaType: unknown): MediaPart | undefined {
  if (ArrayBuffer.isView(data)) return blobPart(data.byteLength, mediaType);
  if (typeof data === 'string') return textualData(data, mediaType);
  const given = asObject(data);
  if (given === undefined) return undefined;
  // By its member, since a URL of another realm is not an `instanceof URL`.
  const href = asText(given['href']);
  return href === undefined ? taggedData(given, mediaType) : textualData(href, mediaType);
}

/** The media type may be incomplete: `image`, `image/*`. */
function textualData(data: string, mediaType: unknown): MediaPart {
  if (WEB_URL.test(data)) return uriPart(data, mediaType);
  const [head = '', named] = DATA_URL.exec(data) ?? [];
  return base64Part(data.slice(head.length), named || mediaType);
}

function taggedData(given: JsonObject, mediaType: unknown): MediaPart | undefined {
  switch (given['type']) {
    case 'data':
      return mediaPart(given['data'], mediaType);
    case 'url':
      return mediaPart(given['url'], mediaType);
    case 'text':
      return blobPart(Buffer.byteLength(asText(given['text']) ?? ''), mediaType);
    case 'reference':
      return fileAt(given['reference']);
    default:
      return undefined;
  }
}

/** A file stored by the provider: an id, or one id per provider. */
function fileAt(reference: unknown): MediaPart | undefined {
  const [id] = typeof reference === 'string' ? [reference] : Object.values(asObject(reference) ?? {});
  const label = asLabel(id);
  return label === undefined ? undefined : filePart(label, 'document');
}
