import { RepeatedJsonParser } from '../../repeated-json.js';
import {
  cut,
  type MessagePart,
  type OutputMessage,
  TEXT_LENGTH,
  type TextPart,
  type ToolDefinition,
  textPart,
} from '../content.js';
import type { RequestFacts, RequestParameters, ResponseFacts, StreamFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import { noCounts, STREAMED_PARTS, StreamedText } from '../stream/streamed-parts.js';
import {
  answerFacts,
  type GeminiAnswer,
  isToolCall,
  messageOf,
  partOf,
  partsOf,
  readAnswer,
  textType,
} from './gemini-parts.js';
import { defined, errorData, listOf, membersOf, optionCount, textsIn } from './values.js';

/** Reads an answer, or the array of chunks of a stream without `alt=sse`. */
export function readResponse(value: unknown): ResponseFacts {
  if (Array.isArray(value)) return readChunks(value);
  const body = asObject(value);
  return answerFacts(readAnswer(body), asList(body?.['candidates']).flatMap(outputMessage));
}

function readChunks(chunks: readonly unknown[]): ResponseFacts {
  const stream = new GeminiStream();
  for (const chunk of chunks) stream.chunk(asObject(chunk) ?? {});
  const { id, model, finishReasons, usage, output, warningCount } = stream.facts();
  return { id, model, finishReasons, usage, output, warningCount };
}

function outputMessage(value: unknown): readonly OutputMessage[] {
  const candidate = asObject(value);
  if (candidate === undefined) return [];
  const finishReason = asLabel(candidate['finishReason']);
  const parts = partsOf(candidate['content']);
  return [{ role: 'assistant', parts, ...defined({ finish_reason: finishReason }) }];
}

export function openStream(): StreamReader {
  return new GeminiStream();
}

/** Members of a request and its `generationConfig` that the facts represent. */
const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'generationConfig',
  'tools',
  'toolConfig',
]);
const KNOWN_CONFIG_MEMBERS: ReadonlySet<string> = new Set([
  'temperature',
  'topP',
  'topK',
  'maxOutputTokens',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'candidateCount',
  'stopSequences',
  'responseMimeType',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = membersOf(value);
  const config = membersOf(body?.['generationConfig']);
  const system = body?.['systemInstruction'];
  return {
    model: asLabel(body?.['model']),
    operation: undefined,
    parameters: parametersOf(config),
    outputType: config?.['responseMimeType'] === 'application/json' ? 'json' : undefined,
    systemInstructions: typeof system === 'string' ? [textPart('text', system)] : partsOf(system),
    messages: listOf(body?.['contents']).map(messageOf),
    toolDefinitions: listOf(body?.['tools']).flatMap(toolDefinitions),
    toolChoice: toolChoice(membersOf(membersOf(body?.['toolConfig'])?.['functionCallingConfig'])),
    optionCount: optionCount(body, KNOWN_MEMBERS) + optionCount(config, KNOWN_CONFIG_MEMBERS),
  };
}

function parametersOf(config: JsonObject | undefined): RequestParameters {
  const choiceCount = asCount(config?.['candidateCount']);
  return defined({
    temperature: asNumber(config?.['temperature']),
    topP: asNumber(config?.['topP']),
    topK: asNumber(config?.['topK']),
    maxTokens: asCount(config?.['maxOutputTokens']),
    frequencyPenalty: asNumber(config?.['frequencyPenalty']),
    presencePenalty: asNumber(config?.['presencePenalty']),
    seed: asNumber(config?.['seed']),
    choiceCount: choiceCount === 1 ? undefined : choiceCount,
    stopSequences: textsIn(config?.['stopSequences']),
    reasoningLevel: asLabel(membersOf(config?.['thinkingConfig'])?.['thinkingLevel']),
  });
}

/** A tool is a list of functions or a built-in tool such as `googleSearch`. */
function toolDefinitions(value: unknown): readonly ToolDefinition[] {
  const tool = membersOf(value) ?? {};
  return Object.keys(tool).flatMap((name) => {
    if (name !== 'functionDeclarations')
      return [{ type: asLabel(name) ?? name, name: asLabel(name) ?? name }];
    return listOf(tool[name]).flatMap(functionDefinition);
  });
}

function functionDefinition(value: unknown): readonly ToolDefinition[] {
  const declaration = membersOf(value);
  const name = asLabel(declaration?.['name']);
  if (name === undefined) return [];
  const description = asText(declaration?.['description']);
  return [
    {
      type: 'function',
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: declaration?.['parameters'] ?? declaration?.['parametersJsonSchema'],
      }),
    },
  ];
}

function toolChoice(config: JsonObject | undefined): string | undefined {
  const allowed = asList(config?.['allowedFunctionNames']);
  switch (config?.['mode']) {
    case 'AUTO':
    case 'VALIDATED':
      return 'auto';
    case 'NONE':
      return 'none';
    case 'ANY':
      return (allowed.length === 1 ? asLabel(allowed[0]) : undefined) ?? 'required';
    default:
      return undefined;
  }
}

/** The maximum of the API. */
const CANDIDATES = 8;

/** Combines the chunks of a streamed answer into the facts of the equivalent non-streaming response. */
export class GeminiStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #candidates = new Map<number, StreamedCandidate>();
  #answer: GeminiAnswer = readAnswer(undefined);
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  event(event: string | undefined, data: string): void {
    const body = asObject(this.#json.parse(data));
    const error = asObject(body?.['error']);
    this.#counts.parts += 1;
    this.#lastEvent = asLabel(event) ?? (error === undefined ? 'GenerateContentResponse' : 'error');
    if (error !== undefined) {
      this.#counts.errors += 1;
      this.#lastError = errorData(data);
    } else if (body !== undefined) {
      this.chunk(body);
    }
  }

  /** Adds a chunk. Its text is the next piece; other members refer to the whole answer so far. */
  chunk(body: JsonObject): void {
    this.#answer = readAnswer(body, this.#answer);
    for (const candidate of asList(body['candidates'])) this.#candidate(asObject(candidate));
  }

  facts(): StreamFacts {
    const candidates = [...this.#candidates].sort(([one], [other]) => one - other);
    return {
      ...answerFacts(
        this.#answer,
        candidates.map(([, candidate]) => candidate.message()),
      ),
      counts: { ...this.#counts },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #candidate(given: JsonObject | undefined): void {
    if (given === undefined) return;
    const kept = this.#kept(asCount(given['index']) ?? 0);
    const finishReason = asLabel(given['finishReason']);
    if (finishReason && kept !== undefined) kept.finishReason = finishReason;
    this.#counts.sources += sourceCount(given);
    for (const part of asList(asObject(given['content'])?.['parts'])) {
      this.#count(asObject(part));
      kept?.add(part);
    }
  }

  #kept(index: number): StreamedCandidate | undefined {
    const known = this.#candidates.get(index);
    if (known !== undefined || this.#candidates.size === CANDIDATES) return known;
    const candidate = new StreamedCandidate();
    this.#candidates.set(index, candidate);
    return candidate;
  }

  #count(part: JsonObject | undefined): void {
    if (part === undefined) return;
    if (isToolCall(part)) this.#counts.toolCalls += 1;
    else if (!asText(part['text'])) return;
    else if (textType(part) === 'text') this.#counts.textDeltas += 1;
    else this.#counts.reasoningDeltas += 1;
  }
}

/** AI Studio and Vertex AI have different names for citations. */
function sourceCount(candidate: JsonObject): number {
  const citations = asObject(candidate['citationMetadata']);
  const cited = asList(citations?.['citationSources']).length + asList(citations?.['citations']).length;
  return cited + asList(asObject(candidate['groundingMetadata'])?.['groundingChunks']).length;
}

interface WrittenPart {
  readonly type: TextPart['type'];
  readonly text: StreamedText;
}

/** A candidate of a streamed answer. Joins the parts of consecutive text pieces. */
class StreamedCandidate {
  finishReason: string | undefined;
  readonly #parts: (WrittenPart | { readonly whole: MessagePart })[] = [];
  /** The text that a piece of the same type continues. */
  #open: WrittenPart | undefined;

  add(value: unknown): void {
    const part = asObject(value) ?? {};
    const piece = asText(part['text']);
    if (piece === undefined) this.#addWhole(value);
    // An empty text carries only a thought signature.
    else if (piece !== '') this.#addPiece(textType(part), piece);
  }

  message(): OutputMessage {
    const parts = this.#parts.map((part) => ('whole' in part ? part.whole : part.text.part(part.type)));
    return { role: 'assistant', parts, ...defined({ finish_reason: this.finishReason }) };
  }

  #addPiece(type: TextPart['type'], piece: string): void {
    if (this.#open?.type !== type) this.#open = this.#begin(type);
    this.#open?.text.append(piece);
  }

  #begin(type: TextPart['type']): WrittenPart | undefined {
    if (this.#parts.length === STREAMED_PARTS) return undefined;
    const part = { type, text: new StreamedText() };
    this.#parts.push(part);
    return part;
  }

  #addWhole(value: unknown): void {
    this.#open = undefined;
    const part = asObject(value);
    // A call with streamed arguments has its name once; further pieces have only arguments.
    if (part === undefined || (asObject(part['functionCall']) !== undefined && !isToolCall(part))) return;
    if (this.#parts.length < STREAMED_PARTS) this.#parts.push({ whole: partOf(value) });
  }
}
