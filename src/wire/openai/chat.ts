import type { RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { deploymentIn, providerAt, urlOf } from './compatible.js';
import { dataSigns, eventSigns } from './signs.js';

const PATH = '/chat/completions';

/** Chat Completions, OpenAI's and everyone's who speaks it, Azure's paths by deployment included. */
export const openAiChat: WireFormat = {
  name: 'openai-chat',
  match,
  ...lazyReading(() => require('./chat-reading.js') as typeof import('./chat-reading.js')),
  signs: {
    // OpenRouter puts an error behind other members. As the first member of an object, it may be Azure's, saying
    // that the content was not filtered.
    error: [
      ',"error":{',
      ', "error": {',
      ...dataSigns('error', '{'),
      ...dataSigns('error', '"'),
      '"object":"error"',
      '"object": "error"',
      ...eventSigns('error'),
    ],
    terminal: ['\ndata: [DONE]', '\ndata:[DONE]', '"finish_reason":"', '"finish_reason": "'],
  },
};

function match(line: RequestLine): RecognisedCall | undefined {
  if (line.method !== 'POST' || !line.path.endsWith(PATH, pathLength(line.path))) return undefined;
  const url = urlOf(line);
  if (url === undefined) return undefined;
  return {
    format: openAiChat,
    operationName: 'chat',
    provider: providerAt(url),
    model: deploymentIn(url),
    operation: undefined,
  };
}
