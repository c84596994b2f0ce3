import type { ResponseFacts, StreamReader } from '../format.js';
import { asObject } from '../json/json.js';
import { answerFacts, readAnswer } from './answer.js';
import { partsOf } from './parts.js';
import { AnthropicStream } from './stream.js';

export { readAnthropicRequest as readRequest } from './request.js';

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value);
  return answerFacts(readAnswer(body, body?.['usage']), partsOf(body?.['content']));
}

export function openStream(): StreamReader {
  return new AnthropicStream();
}
