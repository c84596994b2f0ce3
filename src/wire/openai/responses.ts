import type { RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { providerAt, urlOf } from './compatible.js';

const PATH = '/responses';

/** An application may have responses of its own, as of a survey: OpenAI's stand behind a version or `openai`. */
const WHOLE_PATH = /\/(?:v\d[\w.]*|openai)\/responses$/;

/** OpenAI's Responses, and those of others who speak it: Azure, OpenRouter, xAI, Groq, vLLM. */
export const openAiResponses: WireFormat = {
  name: 'openai-responses',
  match,
  ...lazyReading(() => require('./responses-reading.js') as typeof import('./responses-reading.js')),
};

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
