import type { TokenUsage } from '../../types.js';
import type { MessagePart } from '../content.js';
import type { ResponseFacts, StreamFacts, StreamReader, WireReading } from '../format.js';
import { asCount, asLabel, asList, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { noCounts, PartLimit, type StreamedText } from '../stream/streamed-parts.js';
import { inputFromText, partOf, requestFacts, toolCall, unknownPart } from './ai-sdk.js';
import { defined, errorData, plainCopy, tokenSum } from './values.js';

/** Complete parts of the answer. */
const COMPLETE_PARTS: ReadonlySet<unknown> = new Set(['tool-result', 'file', 'reasoning-file']);

/** Known parts without recorded content. */
const IGNORED_PARTS: ReadonlySet<unknown> = new Set([
  'text-start',
  'reasoning-start',
  'reasoning-end',
  'tool-input-end',
  'raw',
  'ping',
  'abort',
]);

/** Combines the parts of one stream into the facts of the equivalent non-streaming response. */
export class StreamParts {
  readonly #counts = noCounts();
  readonly #room = new PartLimit();
  readonly #parts: (() => MessagePart)[] = [];
  /** By text type and the id of the pieces. */
  readonly #texts = new Map<string, StreamedText>();
  /** Streamed arguments by call id. The call that follows repeats them in full. */
  readonly #inputs = new Map<string, { readonly name: unknown; readonly text: StreamedText }>();
  #metadata: JsonObject = {};
  #finish: JsonObject | undefined;
  #warningCount = 0;
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  part(value: unknown): void {
    const part = asObject(value) ?? {};
    this.#counts.parts += 1;
    this.#lastEvent = asLabel(part['type']);
    this.#read(part);
  }

  facts(): StreamFacts {
    const unfinished = [...this.#inputs].map(([id, { name, text }]) =>
      toolCall(id, name, inputFromText(text.content, text.length)),
    );
    return {
      ...answerFacts({
        id: this.#metadata['id'],
        model: this.#metadata['modelId'],
        finishReason: this.#finish?.['finishReason'],
        usage: this.#finish?.['usage'],
        providerMetadata: this.#finish?.['providerMetadata'],
        parts: [...this.#parts.map((part) => part()), ...unfinished],
        warningCount: this.#warningCount,
      }),
      counts: { ...this.#counts, toolCalls: this.#counts.toolCalls + unfinished.length },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #read(part: JsonObject): void {
    const { type } = part;
    if (type === 'text-delta') this.#write('text', 'textDeltas', part);
    else if (type === 'reasoning-delta') this.#write('reasoning', 'reasoningDeltas', part);
    else if (type === 'tool-input-start') this.#startInput(part);
    else if (type === 'tool-input-delta') this.#inputOf(part['id'])?.append(asText(part['delta']) ?? '');
    else if (type === 'tool-call') this.#call(part);
    else if (type === 'source') this.#counts.sources += 1;
    else if (type === 'text-end') this.#counts.sources += asList(part['citations']).length;
    else if (type === 'stream-start') this.#warningCount += asList(part['warnings']).length;
    else if (type === 'response-metadata') this.#metadata = { ...this.#metadata, ...part };
    else if (type === 'finish') this.#finish = part;
    else if (type === 'error') this.#error(part);
    else if (COMPLETE_PARTS.has(type)) this.#keep(partOf(part, true));
    else if (!IGNORED_PARTS.has(type)) this.#keep(unknownPart(part));
  }

  #write(type: 'text' | 'reasoning', count: 'textDeltas' | 'reasoningDeltas', part: JsonObject): void {
    this.#counts[count] += 1;
    const key = `${type} ${asLabel(part['id'])}`;
    const text = this.#texts.get(key) ?? this.#begin(type, key);
    text?.append(asText(part['delta']) ?? '');
  }

  #begin(type: 'text' | 'reasoning', key: string): StreamedText | undefined {
    const text = this.#room.text();
    if (text === undefined) return undefined;
    this.#texts.set(key, text);
    this.#parts.push(() => text.part(type));
    return text;
  }

  #startInput(part: JsonObject): void {
    const text = this.#room.text();
    if (text !== undefined) this.#inputs.set(asLabel(part['id']) ?? '', { name: part['toolName'], text });
  }

  #inputOf(id: unknown): StreamedText | undefined {
    return this.#inputs.get(asLabel(id) ?? '')?.text;
  }

  #call(part: JsonObject): void {
    this.#counts.toolCalls += 1;
    this.#inputs.delete(asLabel(part['toolCallId']) ?? '');
    this.#keep(partOf(part, true));
  }

  #error(part: JsonObject): void {
    this.#counts.errors += 1;
    this.#lastError = errorText(part['error']);
  }

  #keep(part: MessagePart): void {
    for (const kept of this.#room.fitting([part])) this.#parts.push(() => kept);
  }
}

function errorText(error: unknown): string {
  const said = asText(error) ?? asText(asObject(error)?.['message']) ?? JSON.stringify(plainCopy(error));
  return errorData(said ?? String(error));
}

/** Facts from the result of `doGenerate` in v2, v3 or v4. */
export function responseFacts(value: unknown): ResponseFacts {
  const result = asObject(value);
  const response = asObject(result?.['response']);
  return answerFacts({
    id: response?.['id'],
    model: response?.['modelId'],
    finishReason: result?.['finishReason'],
    usage: result?.['usage'],
    providerMetadata: result?.['providerMetadata'],
    parts: asList(result?.['content']).map((part) => partOf(part, true)),
    warningCount: asList(result?.['warnings']).length,
  });
}

interface Answer {
  readonly id: unknown;
  readonly model: unknown;
  readonly finishReason: unknown;
  readonly usage: unknown;
  readonly providerMetadata: unknown;
  readonly parts: readonly MessagePart[];
  readonly warningCount: number;
}

function answerFacts(answer: Answer): ResponseFacts {
  const reason = finishReasonOf(answer.finishReason);
  const message = { role: 'assistant', parts: answer.parts, ...defined({ finish_reason: reason }) };
  return {
    id: asLabel(answer.id),
    model: asLabel(answer.model),
    finishReasons: reason === undefined ? [] : [reason],
    usage: tokenUsage(answer.usage, answer.providerMetadata),
    output: answer.parts.length === 0 ? [] : [message],
    warningCount: answer.warningCount,
  };
}

/** From v3 on also has the raw reason of the provider. */
function finishReasonOf(value: unknown): string | undefined {
  const reason = asObject(value);
  return asLabel(asText(reason?.['raw']) ?? reason?.['unified'] ?? value);
}

/**
 * Reads the usage of an answer or a `finish` part. From v3 on the counts are nested, and the input includes cached
 * tokens. In v2 they are flat, and cache writes are in the provider's metadata.
 */
export function tokenUsage(value: unknown, providerMetadata: unknown): TokenUsage {
  const usage = asObject(value);
  const input = asObject(usage?.['inputTokens']);
  const output = asObject(usage?.['outputTokens']);
  if (input === undefined && output === undefined) return flatUsage(usage, asObject(providerMetadata));
  return defined({
    inputTokens: asCount(input?.['total']),
    outputTokens: asCount(output?.['total']),
    reasoningTokens: asCount(output?.['reasoning']),
    cacheReadTokens: asCount(input?.['cacheRead']),
    cacheCreationTokens: asCount(input?.['cacheWrite']),
  });
}

function flatUsage(usage: JsonObject | undefined, metadata: JsonObject | undefined): TokenUsage {
  const written = cacheWrites(metadata);
  const input = asCount(usage?.['inputTokens']);
  const read = asCount(usage?.['cachedInputTokens']);
  return defined({
    // Providers that report cache writes do not include cached tokens in the input.
    inputTokens: input === undefined || written === undefined ? input : tokenSum(input, read, written),
    outputTokens: asCount(usage?.['outputTokens']),
    reasoningTokens: asCount(usage?.['reasoningTokens']),
    cacheReadTokens: read,
    cacheCreationTokens: written,
  });
}

/** Reads the metadata of the Anthropic and Bedrock providers; `null` without cache writes. */
function cacheWrites(metadata: JsonObject | undefined): number | undefined {
  const anthropic = asObject(metadata?.['anthropic'])?.['cacheCreationInputTokens'];
  const bedrock = asObject(asObject(metadata?.['bedrock'])?.['usage'])?.['cacheWriteInputTokens'];
  return anthropic === null || bedrock === null ? 0 : (asCount(anthropic) ?? asCount(bedrock));
}

/** Vercel AI Gateway. The request headers contain the model and whether to stream. */
export const gateway: WireReading = {
  readRequest: (body) => ({ ...requestFacts(body, 'generate', undefined), operation: undefined }),
  readResponse: responseFacts,
  openStream: openParts,
};

function openParts(): StreamReader {
  const parts = new StreamParts();
  return {
    event: (_, data) => parts.part(parsed(data)),
    facts: () => parts.facts(),
  };
}
