import type { StreamFacts, StreamReader } from '../format.js';
import { asCount, asObject, type JsonObject, jsonText, parsed } from '../json/json.js';
import { GeminiStream } from './gemini.js';
import { blobPart, listOf, membersOf } from './values.js';

export { readRequest, readResponse } from './gemini.js';

const SIZE = /^\[(\d+) bytes\]$/;

export function openStream(): StreamReader {
  return new LiveStream();
}

/** Reads the messages of one turn of Gemini's Live API as chunks of a streamed answer. */
class LiveStream implements StreamReader {
  readonly #stream = new GeminiStream();
  #bytes = 0;
  #mimeType: unknown;

  event(_: string | undefined, data: string): void {
    const message = asObject(parsed(data)) ?? {};
    this.#stream.event(lastName(message), jsonText(this.#chunk(message)) ?? '');
  }

  facts(): StreamFacts {
    const facts = this.#stream.facts();
    if (this.#bytes === 0) return facts;
    const media = blobPart(this.#bytes, this.#mimeType);
    const [answer = { role: 'assistant', parts: [] }] = facts.output;
    return { ...facts, output: [{ ...answer, parts: [...answer.parts, media] }] };
  }

  #chunk(message: JsonObject): JsonObject {
    const content = membersOf(message['serverContent']);
    const spoken = membersOf(content?.['outputTranscription'])?.['text'];
    const calls = listOf(membersOf(message['toolCall'])?.['functionCalls']);
    const parts = [
      ...listOf(membersOf(content?.['modelTurn'])?.['parts']).filter((part) => !this.#measure(part)),
      ...(typeof spoken === 'string' ? [{ text: spoken }] : []),
      ...calls.map((functionCall) => ({ functionCall })),
    ];
    const isOver = content?.['turnComplete'] === true;
    const finishReason = content?.['interrupted'] === true ? 'INTERRUPTED' : isOver ? 'STOP' : undefined;
    return {
      ...message,
      usageMetadata: usageOf(membersOf(message['usageMetadata'])),
      candidates:
        parts.length > 0 || finishReason ? [{ content: { role: 'model', parts }, finishReason }] : [],
    };
  }

  /** Adds the size of audio or images, whose data was replaced. Returns false for other parts. */
  #measure(part: unknown): boolean {
    const data = membersOf(membersOf(part)?.['inlineData']);
    if (data === undefined) return false;
    const given = String(data['data'] ?? '');
    this.#bytes += Number(SIZE.exec(given)?.[1] ?? Buffer.byteLength(given, 'base64'));
    this.#mimeType = data['mimeType'] ?? this.#mimeType;
    return true;
  }
}

/** The Live API has other names for output tokens than `generateContent`. */
function usageOf(usage: JsonObject | undefined): JsonObject | undefined {
  return (
    usage && {
      ...usage,
      candidatesTokenCount: asCount(usage['responseTokenCount']) ?? usage['candidatesTokenCount'],
    }
  );
}

function lastName(message: JsonObject): string | undefined {
  const [name] = Object.keys(message).filter((one) => one !== 'usageMetadata');
  return name;
}
