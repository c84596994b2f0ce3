import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import type { ResponseFacts } from '../format.js';
import { asObject, type JsonObject } from '../json/json.js';
import type { TextReader } from './content.js';
import { outputParts } from './items.js';
import { readUsage } from './usage.js';

/** A response of the Responses API. It has one choice, with no message as long as there is no output. */
export function readResponse(value: unknown, text?: TextReader): ResponseFacts {
  const body = asObject(value) ?? {};
  const reason = finishReason(body);
  const parts = outputParts(body['output'], text);
  return {
    id: asLabel(body['id']),
    model: asLabel(body['model']),
    finishReasons: reason === undefined ? [] : [reason],
    usage: readUsage(asObject(body['usage'])),
    output: parts.length === 0 ? [] : [{ role: 'assistant', parts, ...defined({ finish_reason: reason }) }],
    warningCount: 0,
  };
}

/** One under way has no such status. */
const UNFINISHED: ReadonlySet<unknown> = new Set(['queued', 'in_progress']);

/** Why it is incomplete, else the status it ended with. */
function finishReason(body: JsonObject): string | undefined {
  const reason = asLabel(asObject(body['incomplete_details'])?.['reason']);
  if (reason) return reason;
  return UNFINISHED.has(body['status']) ? undefined : asLabel(body['status']);
}
