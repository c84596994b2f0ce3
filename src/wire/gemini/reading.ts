import type { OutputMessage } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import type { ResponseFacts, StreamReader } from '../format.js';
import { asList, asObject } from '../json/json.js';
import { answerFacts, readAnswer } from './answer.js';
import { partsOf } from './parts.js';
import { GeminiStream } from './stream.js';

export { readGeminiRequest as readRequest } from './request.js';

/** Takes an answer, or the list of chunks that a stream is where it is not asked for as events. */
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
