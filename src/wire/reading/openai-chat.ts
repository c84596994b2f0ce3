import { RepeatedJsonParser } from '../../repeated-json.js';
import type { TokenUsage } from '../../types.js';
import { type Message, type MessagePart, type OutputMessage, type TextPart, textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamFacts, StreamReader, WireReading } from '../format.js';
import { asCount, asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import { type MutableCounts, noCounts, PartLimit } from '../stream/streamed-parts.js';
import { chatMessage, reasoningIn, StreamedCalls } from './openai-chat-message.js';
import { contentParts, joinedText, StreamedContent } from './openai-content.js';
import {
  asksForJson,
  PARAMETER_NAMES,
  requestParameters,
  toolChoice,
  toolDefinitions,
} from './openai-request.js';
import { errorIn, readUsage, usageIn } from './openai-usage.js';
import { blobPart, defined, optionCount } from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  ...PARAMETER_NAMES,
  'model',
  'stream',
  'messages',
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'response_format',
  'modalities',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(body),
    outputType: outputType(body),
    systemInstructions: [],
    messages: asList(body['messages']).flatMap((message) => chatMessage(message, 'user') ?? []),
    toolDefinitions: toolDefinitions(body['tools'] ?? body['functions']),
    toolChoice: toolChoice(body['tool_choice'] ?? body['function_call']),
    optionCount: optionCount(body, KNOWN_MEMBERS),
  };
}

function outputType(body: JsonObject): string | undefined {
  if (asksForJson(body['response_format'])) return 'json';
  const modalities = asList(body['modalities']);
  if (modalities.includes('audio')) return 'speech';
  return modalities.includes('image') ? 'image' : undefined;
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  const choices = asList(body['choices'])
    .map(asObject)
    .filter((choice) => choice !== undefined);
  return {
    id: asLabel(body['id']),
    model: asLabel(body['model']),
    finishReasons: choices.flatMap((choice) => finishReason(choice) ?? []),
    usage: readUsage(usageIn(body)),
    serviceTier: asLabel(body['service_tier']),
    systemFingerprint: asLabel(body['system_fingerprint']),
    output: choices.map(outputMessage),
    warningCount: 0,
  };
}

function outputMessage(choice: JsonObject): OutputMessage {
  const message = chatMessage(choice['message'], 'assistant') ?? {
    role: 'assistant',
    parts: contentParts(choice['text']),
  };
  return { ...message, ...defined({ finish_reason: finishReason(choice) }) };
}

function finishReason(choice: JsonObject): string | undefined {
  return asLabel(choice['finish_reason']) || undefined;
}

export function openStream(): StreamReader {
  return new ChatStream();
}

/** Completions, with the response format of Chat Completions. */
export const completions: WireReading = { readRequest: readCompletionsRequest, readResponse, openStream };

const COMPLETION_MEMBERS: ReadonlySet<string> = new Set([
  ...PARAMETER_NAMES,
  'model',
  'stream',
  'prompt',
  'suffix',
]);

function readCompletionsRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(body),
    outputType: undefined,
    systemInstructions: [],
    messages: [...promptMessages(body['prompt']), ...promptMessages(body['suffix'])],
    toolDefinitions: [],
    toolChoice: undefined,
    optionCount: optionCount(body, COMPLETION_MEMBERS),
  };
}

/** Returns the texts of a prompt, or of its suffix. Prompts given as token ids have no text. */
function promptMessages(prompt: unknown): Message[] {
  const prompts = typeof prompt === 'string' ? [prompt] : asList(prompt);
  return prompts.flatMap((text) =>
    typeof text === 'string' && text !== '' ? { role: 'user', parts: [textPart('text', text)] } : [],
  );
}

const MAX_CHOICES = 128;

const END = '[DONE]';

/** Reads a stream of `chat.completion.chunk`s up to `[DONE]`. */
class ChatStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #room = new PartLimit();
  readonly #choices = new Map<number, StreamedChoice>();
  /** Counts the choices beyond the limit. */
  #rest: StreamedChoice | undefined;
  #id: string | undefined;
  #model: string | undefined;
  #usage: TokenUsage = {};
  #serviceTier: string | undefined;
  #systemFingerprint: string | undefined;
  /** xAI sends citations in its last chunk, Perplexity in each. */
  #citations = 0;
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  event(event: string | undefined, data: string): void {
    this.#counts.parts += 1;
    if (data.startsWith(END)) {
      this.#lastEvent = asLabel(event) ?? END;
      return;
    }
    const chunk = asObject(this.#json.parse(data));
    const error = errorIn(event, chunk, data);
    if (error !== undefined) {
      this.#counts.errors += 1;
      this.#lastError = error;
    }
    const name = error === undefined ? asLabel(chunk?.['object']) : 'error';
    this.#lastEvent = asLabel(event) ?? name;
    if (chunk !== undefined) this.#read(chunk);
  }

  facts(): StreamFacts {
    const choices = [...this.#choices].sort(([one], [other]) => one - other).map(([, choice]) => choice);
    return {
      id: this.#id,
      model: this.#model,
      finishReasons: choices.map(({ finishReason }) => finishReason).filter((reason) => reason !== undefined),
      usage: this.#usage,
      serviceTier: this.#serviceTier,
      systemFingerprint: this.#systemFingerprint,
      output: choices.map((choice) => choice.message()),
      warningCount: 0,
      counts: { ...this.#counts, sources: this.#counts.sources + this.#citations },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #read(chunk: JsonObject): void {
    this.#id = asLabel(chunk['id']) || this.#id;
    this.#model = asLabel(chunk['model']) || this.#model;
    this.#serviceTier = asLabel(chunk['service_tier']) || this.#serviceTier;
    this.#systemFingerprint = asLabel(chunk['system_fingerprint']) || this.#systemFingerprint;
    const usage = usageIn(chunk);
    if (usage !== undefined) this.#usage = readUsage(usage);
    this.#citations = Math.max(this.#citations, asList(chunk['citations']).length);
    for (const value of asList(chunk['choices'])) {
      const choice = asObject(value);
      if (choice !== undefined) this.#addTo(this.#choiceAt(asCount(choice['index']) ?? 0), choice);
    }
  }

  #addTo(streamed: StreamedChoice, choice: JsonObject): void {
    // Completions have a `text` instead of a delta.
    const delta = asObject(choice['delta']) ?? { content: choice['text'] };
    streamed.add(delta);
    streamed.finishReason = asLabel(choice['finish_reason']) || streamed.finishReason;
  }

  #choiceAt(index: number): StreamedChoice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    if (this.#choices.size >= MAX_CHOICES) {
      this.#rest ??= new StreamedChoice(this.#room, this.#counts);
      return this.#rest;
    }
    const choice = new StreamedChoice(this.#room, this.#counts);
    this.#choices.set(index, choice);
    return choice;
  }
}

/** A choice of a streamed answer. Combines its deltas into a message. */
class StreamedChoice {
  finishReason: string | undefined;
  #role: string | undefined;
  readonly #counts: MutableCounts;
  readonly #thoughts: StreamedContent;
  readonly #content: StreamedContent;
  readonly #calls: StreamedCalls;
  /** The size of the spoken answer in base64. */
  #sound: { length: number; padding: number } | undefined;

  constructor(room: PartLimit, counts: MutableCounts) {
    this.#counts = counts;
    this.#thoughts = new StreamedContent(room);
    this.#content = new StreamedContent(room);
    this.#calls = new StreamedCalls(room);
  }

  add(delta: JsonObject): void {
    this.#role ??= asLabel(delta['role']) || undefined;
    this.#write('reasoning', reasoningIn(delta), this.#thoughts);
    const content = delta['content'];
    if (Array.isArray(content)) for (const part of content) this.#addPart(part);
    else this.#write('text', content);
    this.#write('refusal', delta['refusal']);
    this.#addSound(asObject(delta['audio']));
    for (const image of asList(delta['images'])) this.#addPart(image);
    for (const call of asList(delta['tool_calls'])) this.#addCall(call);
    if (delta['function_call']) this.#addCall({ function: delta['function_call'], index: 0 });
    this.#counts.sources += asList(delta['annotations']).length;
  }

  message(): OutputMessage {
    return {
      role: this.#role ?? 'assistant',
      parts: [
        ...this.#thoughts.parts(),
        ...this.#content.parts(),
        ...this.#soundParts(),
        ...this.#calls.parts(),
      ],
      ...defined({ finish_reason: this.finishReason }),
    };
  }

  #write(type: TextPart['type'], piece: unknown, content = this.#content): void {
    if (typeof piece !== 'string' || piece === '') return;
    content.append(type, piece);
    if (type === 'text') this.#counts.textDeltas += 1;
    if (type === 'reasoning') this.#counts.reasoningDeltas += 1;
  }

  /** Mistral's deltas may be lists of text, reasoning and complete parts. */
  #addPart(value: unknown): void {
    const part = asObject(value);
    if (part?.['type'] === 'text') this.#write('text', part['text']);
    else if (part?.['type'] === 'thinking') this.#write('reasoning', joinedText(part['thinking']));
    else this.#content.push(contentParts([value]));
  }

  #addCall(value: unknown): void {
    if (this.#calls.add(value)) this.#counts.toolCalls += 1;
  }

  #addSound(audio: JsonObject | undefined): void {
    this.#write('text', audio?.['transcript']);
    const data = asText(audio?.['data']);
    if (data === undefined) return;
    this.#sound ??= { length: 0, padding: 0 };
    this.#sound.length += data.length;
    this.#sound.padding += data.endsWith('==') ? 2 : Number(data.endsWith('='));
  }

  #soundParts(): MessagePart[] {
    if (this.#sound === undefined) return [];
    const { length, padding } = this.#sound;
    return [blobPart(Math.floor(((length - padding) * 3) / 4), undefined, 'audio')];
  }
}
