import type { RecognisedCall, RequestFacts, RequestLine, WireFormat } from './format.js';
import { asObject, asText } from './json.js';
import { asLabel } from './label.js';
import { pathLength } from './model-path.js';
import { providerAt, urlOf } from './openai-compatible.js';
import { contentParts } from './openai-content.js';
import { inputMessages } from './openai-items.js';
import { asksForJson, PARAMETER_NAMES, requestParameters } from './openai-request.js';
import { readResponse } from './openai-response.js';
import { ResponsesStream, TERMINAL_TYPES } from './openai-responses-stream.js';
import { dataSigns, eventSigns } from './openai-signs.js';
import { toolChoice, toolDefinitions } from './openai-tools.js';
import { optionCount } from './option-count.js';

const PATH = '/responses';

/** An application may have responses of its own, as of a survey: OpenAI's stand behind a version or `openai`. */
const WHOLE_PATH = /\/(?:v\d[\w.]*|openai)\/responses$/;

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

/** OpenAI's Responses, and those of others who speak it: Azure, OpenRouter, xAI, Groq, vLLM. */
export const openAiResponses: WireFormat = {
  name: 'openai-responses',
  match,
  readRequest,
  readResponse: (body) => readResponse(body),
  openStream: () => new ResponsesStream(),
  signs: {
    error: [...typeSigns('error'), ...typeSigns('response.failed'), ...dataSigns('error', '{')],
    terminal: [...TERMINAL_TYPES].flatMap(typeSigns),
  },
};

/** At the beginning of a line only: the tools and metadata that a response repeats may have any member. */
function typeSigns(type: string): string[] {
  return [...eventSigns(type), ...dataSigns('type', `"${type}"`)];
}

function match(line: RequestLine): RecognisedCall | undefined {
  if (line.method !== 'POST' || !line.path.endsWith(PATH, pathLength(line.path))) return undefined;
  const url = urlOf(line);
  if (url === undefined || !WHOLE_PATH.test(url.pathname)) return undefined;
  return {
    format: openAiResponses,
    operationName: 'chat',
    provider: providerAt(url),
    model: undefined,
    operation: undefined,
  };
}

function readRequest(value: unknown): RequestFacts {
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
