import { answerFacts, readAnswer } from './anthropic-answer.js';
import { partsOf } from './anthropic-parts.js';
import { AnthropicStream } from './anthropic-stream.js';
import type { ResponseFacts, StreamReader } from './format.js';
import { asObject } from './json.js';

export { readAnthropicRequest as readRequest } from './anthropic-request.js';

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value);
  return answerFacts(readAnswer(body, body?.['usage']), partsOf(body?.['content']));
}

export function openStream(): StreamReader {
  return new AnthropicStream();
}
