import type { RequestFacts, StreamReader } from '../format.js';
import { parsed } from '../json/json.js';
import { requestFacts } from './request-facts.js';
import { StreamParts } from './stream-parts.js';

export { responseFacts as readResponse } from './response-facts.js';

/** Headers name the model, and say whether the answer is to be a stream. */
export function readRequest(body: unknown): RequestFacts {
  return { ...requestFacts(body, 'generate', undefined), operation: undefined };
}

export function openStream(): StreamReader {
  const parts = new StreamParts();
  return {
    event: (_, data) => parts.part(parsed(data)),
    facts: () => parts.facts(),
  };
}
