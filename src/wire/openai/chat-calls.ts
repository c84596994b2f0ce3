import type { MessagePart } from '../content.js';
import { asLabel } from '../facts/label.js';
import { asCount, asObject, asText } from '../json/json.js';
import type { PartRoom } from '../stream/part-room.js';
import type { StreamedText } from '../stream/streamed-text.js';
import { customInput, functionArguments, toolCall } from './tools.js';

interface Call {
  id: string | undefined;
  name: string | undefined;
  readonly isCustom: boolean;
  readonly given: StreamedText;
}

/** The tool calls of one streamed message. They come in pieces, told apart by `index`. */
export class StreamedCalls {
  readonly #room: PartRoom;
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number | undefined, Call>();

  constructor(room: PartRoom) {
    this.#room = room;
  }

  /** Takes a piece, and says whether a call begins with it. */
  add(value: unknown): boolean {
    const piece = asObject(value);
    const custom = asObject(piece?.['custom']);
    const called = custom ?? asObject(piece?.['function']);
    const index = asCount(piece?.['index']);
    const id = asLabel(piece?.['id']) || undefined;
    const name = asLabel(called?.['name']) || undefined;
    const known = this.#byIndex.get(index);
    const begins = known === undefined ? (id ?? name) !== undefined : isAnother(known, index, id, name);
    const call = begins ? this.#begin(index, custom !== undefined) : known;
    if (call === undefined) return begins;
    call.id ??= id;
    call.name ??= name;
    call.given.append(asText(called?.['arguments']) ?? asText(called?.['input']) ?? '');
    return begins;
  }

  parts(): MessagePart[] {
    return this.#calls.map(({ id, name, isCustom, given: { content, length } }) =>
      toolCall(id, name, isCustom ? customInput(content, length) : functionArguments(content, length)),
    );
  }

  #begin(index: number | undefined, isCustom: boolean): Call | undefined {
    const given = this.#room.text();
    if (given === undefined) {
      // What follows is not for the call that had this index before.
      this.#byIndex.delete(index);
      return undefined;
    }
    const call = { id: undefined, name: undefined, isCustom, given };
    this.#calls.push(call);
    this.#byIndex.set(index, call);
    return call;
  }
}

/**
 * A whole call may come where another is known: with Ollama all have the index 0, with some of Google's models
 * none has any. An id alone is no sign, since older vLLM makes a new one up for each piece.
 */
function isAnother(
  known: Call,
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
): boolean {
  if (name === undefined || known.name === undefined) return false;
  return index === undefined || (id !== undefined && id !== known.id);
}
