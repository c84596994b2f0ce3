import { type Message, textPart } from '../content.js';
import { asLabel } from '../facts/label.js';
import { optionCount } from '../facts/option-count.js';
import type { RequestFacts } from '../format.js';
import { asList, asObject } from '../json/json.js';
import { PARAMETER_NAMES, requestParameters } from './request.js';

export { openStream, readResponse } from './chat-reading.js';

const READ: ReadonlySet<string> = new Set([...PARAMETER_NAMES, 'model', 'stream', 'prompt', 'suffix']);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(body),
    outputType: undefined,
    systemInstructions: [],
    messages: [...promptMessages(body['prompt']), ...promptMessages(body['suffix'])],
    toolDefinitions: [],
    toolChoice: undefined,
    optionCount: optionCount(body, READ),
  };
}

/** A prompt, or several; what stands behind the completion is one too. Tokens are not read. */
function promptMessages(prompt: unknown): Message[] {
  const prompts = typeof prompt === 'string' ? [prompt] : asList(prompt);
  return prompts.flatMap((text) =>
    typeof text === 'string' && text !== '' ? { role: 'user', parts: [textPart('text', text)] } : [],
  );
}
