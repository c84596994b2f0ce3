import { guarded } from '../self-diagnostics.js';
import type { WireFacts } from '../step/wire-facts.js';
import { responseFacts } from '../wire/ai-sdk/response-facts.js';
import type { StreamParts } from '../wire/ai-sdk/stream-parts.js';
import type { RequestFacts } from '../wire/format.js';

type FactsReader = () => WireFacts;

/** What is known of a call without an answer. */
export function factsOfRequest(request: RequestFacts): FactsReader {
  return () => ({ request, response: undefined, stream: undefined });
}

/** What `doGenerate` gave back is read once somebody wants to know. */
export function factsOfResult(request: RequestFacts, result: unknown): FactsReader {
  return () => ({
    request,
    response: guarded('the answer of a model could not be read', undefined, () => responseFacts(result)),
    stream: undefined,
  });
}

export function factsOfStream(request: RequestFacts, parts: StreamParts): FactsReader {
  return () => {
    const stream = guarded('the stream of a model could not be read', undefined, () => parts.facts());
    return { request, response: stream, stream };
  };
}
