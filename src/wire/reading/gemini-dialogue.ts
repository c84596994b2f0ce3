import { asText, type JsonObject, jsonText } from '../json/json.js';
import { type Dialogue, SentItems, type ServerEvent, type SocketMessage, withoutMedia } from './dialogue.js';
import { defined, listOf, membersOf } from './values.js';

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
