import { RepeatedJsonParser } from '../../repeated-json.js';
import { cut, type MessagePart, TEXT_LENGTH, type ToolDefinition } from '../content.js';
import type { RequestFacts, RequestParameters, ResponseFacts, StreamFacts, StreamReader } from '../format.js';
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
import { noCounts, STREAMED_PARTS, StreamedText } from '../stream/streamed-parts.js';
import {
  type AnthropicAnswer,
  answerFacts,
  compaction,
  isToolCall,
  messageOf,
  partOf,
  partsOf,
  readAnswer,
  toolCall,
} from './anthropic-parts.js';
import { boundedValue, cutText, defined, errorData, optionCount, textsIn } from './values.js';

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value);
  return answerFacts(readAnswer(body, body?.['usage']), partsOf(body?.['content']));
}

export function openStream(): StreamReader {
  return new AnthropicStream();
}

/** Members of a request that the facts represent. */
const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'system',
  'messages',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'output_format',
  'output_config',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value);
  return {
    model: asLabel(body?.['model']),
    operation: body && (body['stream'] === true ? 'stream' : 'generate'),
    parameters: parametersOf(body),
    outputType: outputType(body),
    systemInstructions: partsOf(body?.['system']),
    messages: asList(body?.['messages']).map(messageOf),
    toolDefinitions: asList(body?.['tools']).flatMap(toolDefinition),
    toolChoice: toolChoice(asObject(body?.['tool_choice'])),
    optionCount: optionCount(body, KNOWN_MEMBERS),
  };
}

function parametersOf(body: JsonObject | undefined): RequestParameters {
  return defined({
    temperature: asNumber(body?.['temperature']),
    topP: asNumber(body?.['top_p']),
    topK: asNumber(body?.['top_k']),
    maxTokens: asCount(body?.['max_tokens']),
    stopSequences: textsIn(body?.['stop_sequences']),
    reasoningLevel: asLabel(asObject(body?.['output_config'])?.['effort']),
  });
}

/** `output_config` replaced `output_format` for structured output. */
function outputType(body: JsonObject | undefined): string | undefined {
  const format = asObject(asObject(body?.['output_config'])?.['format']) ?? asObject(body?.['output_format']);
  return format?.['type'] === 'json_schema' ? 'json' : undefined;
}

/** Tools of the application have no type or `custom`; server tools have a dated type. */
function toolDefinition(value: unknown): readonly ToolDefinition[] {
  const tool = asObject(value);
  const type = asLabel(tool?.['type']) ?? 'custom';
  const name = asLabel(tool?.['name']) ?? asLabel(tool?.['mcp_server_name']) ?? asLabel(tool?.['type']);
  if (name === undefined) return [];
  const description = asText(tool?.['description']);
  return [
    {
      type: type === 'custom' ? 'function' : type,
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: tool?.['input_schema'],
      }),
    },
  ];
}

function toolChoice(choice: JsonObject | undefined): string | undefined {
  switch (choice?.['type']) {
    case 'auto':
      return 'auto';
    case 'none':
      return 'none';
    case 'any':
      return 'required';
    case 'tool':
      return asLabel(choice['name']);
    default:
      return undefined;
  }
}

/** Combines the events of a streamed message into the facts of the equivalent non-streaming response. */
class AnthropicStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #blocks = new Map<number, StreamedBlock>();
  #answer: AnthropicAnswer = readAnswer(undefined, undefined);
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  event(event: string | undefined, data: string): void {
    const body = asObject(this.#json.parse(data)) ?? {};
    const type = asText(body['type']) ?? event;
    this.#counts.parts += 1;
    this.#lastEvent = asLabel(event ?? type) ?? this.#lastEvent;
    if (type === 'content_block_delta') this.#delta(body);
    else if (type === 'content_block_start') this.#start(body);
    else if (type === 'message_start') this.#say(body['message'], asObject(body['message'])?.['usage']);
    else if (type === 'message_delta') this.#say(body['delta'], body['usage']);
    else if (type === 'error' || event === 'error') this.#error(data);
  }

  facts(): StreamFacts {
    const parts = [...this.#blocks.values()].map((block) => block.part());
    return {
      ...answerFacts(this.#answer, parts),
      counts: { ...this.#counts },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #delta(body: JsonObject): void {
    const delta = asObject(body['delta']) ?? {};
    if (delta['type'] === 'text_delta') this.#counts.textDeltas += 1;
    else if (delta['type'] === 'thinking_delta') this.#counts.reasoningDeltas += 1;
    else if (delta['type'] === 'citations_delta') this.#counts.sources += 1;
    const index = asCount(body['index']);
    if (index !== undefined) this.#blocks.get(index)?.append(delta);
  }

  #start(body: JsonObject): void {
    const index = asCount(body['index']);
    const block = asObject(body['content_block']);
    if (block === undefined) return;
    if (isToolCall(block)) this.#counts.toolCalls += 1;
    if (index === undefined || this.#blocks.size === STREAMED_PARTS) return;
    this.#blocks.set(index, streamedBlock(block));
  }

  #say(message: unknown, usage: unknown): void {
    this.#answer = readAnswer(message, usage, this.#answer);
  }

  #error(data: string): void {
    this.#counts.errors += 1;
    this.#lastError = errorData(data);
  }
}

interface StreamedBlock {
  append(delta: JsonObject): void;
  part(): MessagePart;
}

/** @param block the block of `content_block_start` */
function streamedBlock(block: JsonObject): StreamedBlock {
  if (block['type'] === 'text') return new WrittenBlock('text', 'text', block);
  if (block['type'] === 'thinking') return new WrittenBlock('reasoning', 'thinking', block);
  if (block['type'] === 'compaction') return new CompactionBlock();
  return isToolCall(block) ? new CallBlock(block) : new WholeBlock(block);
}

/** Text or thinking. Deltas have the text in the same member as the block. */
class WrittenBlock implements StreamedBlock {
  readonly #text = new StreamedText();

  constructor(
    private readonly type: 'text' | 'reasoning',
    private readonly member: 'text' | 'thinking',
    block: JsonObject,
  ) {
    this.append(block);
  }

  append(delta: JsonObject): void {
    this.#text.append(asText(delta[this.member]) ?? '');
  }

  part(): MessagePart {
    return this.#text.part(this.type);
  }
}

/** A tool call. It starts with empty arguments; deltas contain their JSON. */
class CallBlock implements StreamedBlock {
  readonly #json = new StreamedText();

  constructor(private readonly start: JsonObject) {}

  append(delta: JsonObject): void {
    this.#json.append(asText(delta['partial_json']) ?? '');
  }

  part(): MessagePart {
    const { content, length } = this.#json;
    if (length === 0) return toolCall(this.start, boundedValue(this.start['input']));
    const whole = content.length === length;
    return toolCall(this.start, whole ? boundedValue(parsed(content) ?? content) : cutText(content, length));
  }
}

/** A summary of the earlier conversation, in a single delta. */
class CompactionBlock implements StreamedBlock {
  #summary: string | undefined;

  append(delta: JsonObject): void {
    this.#summary = asText(delta['content']) ?? this.#summary;
  }

  part(): MessagePart {
    return compaction(this.#summary);
  }
}

/** Any other block, which is complete at its start. */
class WholeBlock implements StreamedBlock {
  readonly #part: MessagePart;

  constructor(block: JsonObject) {
    this.#part = partOf(block);
  }

  append(): void {}

  part(): MessagePart {
    return this.#part;
  }
}
