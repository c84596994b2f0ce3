import { RepeatedJsonParser } from '../../repeated-json.js';
import { errorData } from '../facts/error-data.js';
import { asLabel } from '../facts/label.js';
import type { StreamFacts, StreamReader } from '../format.js';
import { asCount, asList, asObject, asText, type JsonObject } from '../json/json.js';
import { noCounts } from '../stream/stream-counts.js';
import { answerFacts, type GeminiAnswer, readAnswer } from './answer.js';
import { isToolCall, writtenType } from './parts.js';
import { StreamedCandidate } from './streamed-candidate.js';

/** As many as the API gives at most. */
const CANDIDATES = 8;

/** The chunks of one streamed answer, put together to what the answer in one piece would have said. */
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

  /** An answer in which each member is that of the whole answer so far, and its text the next piece of that. */
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
    else if (writtenType(part) === 'text') this.#counts.textDeltas += 1;
    else this.#counts.reasoningDeltas += 1;
  }
}

/** AI Studio names citations otherwise than Vertex AI. */
function sourceCount(candidate: JsonObject): number {
  const citations = asObject(candidate['citationMetadata']);
  const cited = asList(citations?.['citationSources']).length + asList(citations?.['citations']).length;
  return cited + asList(asObject(candidate['groundingMetadata'])?.['groundingChunks']).length;
}
