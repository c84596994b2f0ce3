import type { MessagePart } from '../content.js';
import { boundedValue, cutText } from '../facts/bounded-value.js';
import { asText, type JsonObject, parsed } from '../json/json.js';
import { StreamedText } from '../stream/streamed-text.js';
import { isToolCall, partOf, type ToolCallPart, toolCall } from './parts.js';

/** One content block of a streamed message: how it began, and what deltas add to it. */
export interface StreamedBlock {
  append(delta: JsonObject): void;
  /** The block as it stands. */
  part(): MessagePart;
}

/** @param block as `content_block_start` gives it */
export function streamedBlock(block: JsonObject): StreamedBlock {
  if (block['type'] === 'text') return new WrittenBlock('text', 'text', block);
  if (block['type'] === 'thinking') return new WrittenBlock('reasoning', 'thinking', block);
  return isToolCall(block) ? new CallBlock(block) : new WholeBlock(block);
}

/** What the model says or thinks; a delta has its text where the block has it. */
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

/** A call of a tool: begins with empty arguments, whose JSON then comes in pieces. */
class CallBlock implements StreamedBlock {
  readonly #start: ToolCallPart;
  readonly #json = new StreamedText();

  constructor(block: JsonObject) {
    this.#start = toolCall(block);
  }

  append(delta: JsonObject): void {
    this.#json.append(asText(delta['partial_json']) ?? '');
  }

  part(): MessagePart {
    const { content, length } = this.#json;
    if (length === 0) return this.#start;
    const whole = content.length === length;
    return {
      ...this.#start,
      arguments: whole ? boundedValue(parsed(content) ?? content) : cutText(content, length),
    };
  }
}

/** Any other: it comes in one piece, all but the summary of a compaction. */
class WholeBlock implements StreamedBlock {
  #part: MessagePart;

  constructor(block: JsonObject) {
    this.#part = partOf(block);
  }

  append(): void {
    // Its size was told of its beginning alone.
    this.#part = { type: this.#part.type };
  }

  part(): MessagePart {
    return this.#part;
  }
}
