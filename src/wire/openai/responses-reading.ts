import { asLabel } from '../facts/label.js';
import { optionCount } from '../facts/option-count.js';
import type { RequestFacts, StreamReader } from '../format.js';
import { asObject, asText } from '../json/json.js';
import { contentParts } from './content.js';
import { inputMessages } from './items.js';
import { asksForJson, PARAMETER_NAMES, requestParameters } from './request.js';
import { ResponsesStream } from './responses-stream.js';
import { toolChoice, toolDefinitions } from './tools.js';

export { readResponse } from './response.js';

const READ: ReadonlySet<string> = new Set([
  ...PARAMETER_NAMES,
  'model',
  'stream',
  'instructions',
  'input',
  'text',
  'tools',
  'tool_choice',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(body),
    outputType: asksForJson(asObject(body['text'])?.['format']) ? 'json' : undefined,
    systemInstructions: contentParts(asText(body['instructions'])),
    messages: inputMessages(body['input']),
    toolDefinitions: toolDefinitions(body['tools']),
    toolChoice: toolChoice(body['tool_choice']),
    optionCount: optionCount(body, READ),
  };
}

export function openStream(): StreamReader {
  return new ResponsesStream();
}
