import { errorData } from '../facts/error-data.js';
import { asList, asObject, type JsonObject, jsonText } from '../json/json.js';

/**
 * The error that an event of a stream carries, as the text of the body that an answer would have which failed
 * with it; `undefined` where it carries none. It stands in `error` (OpenAI; OpenRouter puts it into a chunk, or
 * into the choice), in a failed `response`, or is the event itself, whose `type` (with older vLLM: `object`)
 * is `error` then.
 */
export function errorIn(
  event: string | undefined,
  body: JsonObject | undefined,
  data: string,
): string | undefined {
  const error = errorOf(body) ?? errorOf(asObject(asList(body?.['choices'])[0])) ?? failureOf(body);
  // The error alone: what stands beside it may be the answer so far.
  if (error !== undefined) return errorData(jsonText({ error }) ?? data);
  const isError = event === 'error' || body?.['type'] === 'error' || body?.['object'] === 'error';
  return isError ? errorData(data) : undefined;
}

function errorOf(body: JsonObject | undefined): unknown {
  const error = body?.['error'];
  return asObject(error) ?? (error !== '' && typeof error === 'string' ? error : undefined);
}

function failureOf(body: JsonObject | undefined): unknown {
  if (body?.['type'] !== 'response.failed') return undefined;
  return asObject(body['response'])?.['error'] ?? null;
}
