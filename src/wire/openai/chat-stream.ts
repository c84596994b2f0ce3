import { RepeatedJsonParser } from '../../repeated-json.js';
import type { TokenUsage } from '../../types.js';
import { asLabel } from '../facts/label.js';
import type { StreamFacts, StreamReader } from '../format.js';
import { asCount, asList, asObject, type JsonObject } from '../json/json.js';
import { PartRoom } from '../stream/part-room.js';
import { noCounts } from '../stream/stream-counts.js';
import { StreamedChoice } from './chat-choice.js';
import { errorIn } from './error.js';
import { readUsage, usageIn } from './usage.js';

/** OpenAI gives 128 at most; of a stream with more, the further ones are only counted. */
const MAX_CHOICES = 128;

const END = '[DONE]';

/** Reads a stream of `chat.completion.chunk`s up to `[DONE]`. */
export class ChatStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #room = new PartRoom();
  readonly #choices = new Map<number, StreamedChoice>();
  /** Takes what is said in choices beyond the bound. */
  #rest: StreamedChoice | undefined;
  #id: string | undefined;
  #model: string | undefined;
  #usage: TokenUsage = {};
  /** xAI names them in its last chunk, Perplexity in each. */
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
    const usage = usageIn(chunk);
    if (usage !== undefined) this.#usage = readUsage(usage);
    this.#citations = Math.max(this.#citations, asList(chunk['citations']).length);
    for (const value of asList(chunk['choices'])) {
      const choice = asObject(value);
      if (choice !== undefined) this.#addTo(this.#choiceAt(asCount(choice['index']) ?? 0), choice);
    }
  }

  #addTo(streamed: StreamedChoice, choice: JsonObject): void {
    // Completions give the text itself.
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
