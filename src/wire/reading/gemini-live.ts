import type { StreamFacts, StreamReader } from '../format.js';
import { asCount, asObject, asText, type JsonObject, jsonText, parsed } from '../json/json.js';
import { type Dialogue, SentItems, type ServerEvent, type SocketMessage, withoutMedia } from './dialogue.js';
import { GeminiStream } from './gemini.js';
import { blobPart, defined, listOf, membersOf } from './values.js';

export { readRequest, readResponse } from './gemini.js';

/**
 * Gemini's Live API. A client turn or a tool result requests a response. For audio input the server starts the
 * response when speech ends. A response ends with its turn or with a tool call.
 */
export class LiveDialogue implements Dialogue {
  readonly #contents = new SentItems();
  #setup: JsonObject | undefined;
  #heardBytes = 0;
  #heardType: unknown;

  sent(message: SocketMessage): string | undefined {
    const body = membersOf(message.body);
    const { length } = message.text;
    this.#setup = membersOf(body?.['setup']) ?? this.#setup;
    this.#hear(membersOf(body?.['realtimeInput']));
    const content = membersOf(body?.['clientContent']);
    for (const turn of listOf(content?.['turns'])) this.#contents.add(turn, length);
    const results = listOf(membersOf(body?.['toolResponse'])?.['functionResponses']);
    if (results.length > 0)
      this.#contents.add(
        { role: 'user', parts: results.map((functionResponse) => ({ functionResponse })) },
        length,
      );
    return content?.['turnComplete'] === true || results.length > 0 ? this.request() : undefined;
  }

  received({ body }: SocketMessage): ServerEvent | undefined {
    const content = membersOf(body?.['serverContent']);
    if (body?.['toolCall'] !== undefined) return { begins: true, ends: true };
    if (content !== undefined) {
      const begins = content['modelTurn'] !== undefined || content['outputTranscription'] !== undefined;
      return { begins, ends: content['turnComplete'] === true };
    }
    return body?.['usageMetadata'] === undefined ? undefined : {};
  }

  /** Returns the request in the form of `generateContent`. */
  request(): string {
    const heard =
      this.#heardBytes === 0
        ? []
        : [
            {
              role: 'user',
              parts: [{ inlineData: { mimeType: this.#heardType, data: `[${this.#heardBytes} bytes]` } }],
            },
          ];
    this.#heardBytes = 0;
    const { model, generationConfig, systemInstruction, tools } = this.#setup ?? {};
    const request = {
      ...defined({
        model: asText(model)?.replace(/^models\//, ''),
        generationConfig,
        systemInstruction,
        tools,
      }),
      contents: [...this.#contents.take(), ...heard],
    };
    return withoutMedia(jsonText(request) ?? '{}');
  }

  #hear(input: JsonObject | undefined): void {
    if (input === undefined) return;
    const text = asText(input['text']);
    if (text !== undefined) this.#contents.add({ role: 'user', parts: [{ text }] }, text.length);
    for (const blob of [input['audio'], input['video'], ...listOf(input['mediaChunks'])].map(membersOf)) {
      this.#heardBytes += Buffer.byteLength(asText(blob?.['data']) ?? '', 'base64');
      this.#heardType = blob?.['mimeType'] ?? this.#heardType;
    }
  }
}

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
