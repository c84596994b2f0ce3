import { defined } from '../facts/defined.js';
import type { RequestParameters } from '../format.js';
import { asList, asNumber, asObject, type JsonObject } from '../json/json.js';

/** `gen_ai.request.*`, from the members of both APIs. One choice is the default: any other number is told. */
export function requestParameters(body: JsonObject): RequestParameters {
  const choices = asNumber(body['n']);
  const stop = typeof body['stop'] === 'string' ? [body['stop']] : asList(body['stop']);
  return defined({
    temperature: asNumber(body['temperature']),
    topP: asNumber(body['top_p']),
    topK: asNumber(body['top_k']),
    maxTokens:
      asNumber(body['max_completion_tokens']) ??
      asNumber(body['max_output_tokens']) ??
      asNumber(body['max_tokens']),
    frequencyPenalty: asNumber(body['frequency_penalty']),
    presencePenalty: asNumber(body['presence_penalty']),
    seed: asNumber(body['seed']),
    choiceCount: choices === 1 ? undefined : choices,
    stopSequences: stop.length === 0 ? undefined : stop.filter((one) => typeof one === 'string'),
  });
}

/** The members that `requestParameters` reads. */
export const PARAMETER_NAMES = [
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'n',
  'stop',
] as const;

/** Whether `response_format`, or `text.format` in Responses, asks for JSON, by a schema or without one. */
export function asksForJson(format: unknown): boolean {
  const type = asObject(format)?.['type'];
  return type === 'json_schema' || type === 'json_object';
}
