import type { RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { deploymentIn, providerAt, urlOf } from './compatible.js';

const PATH = '/chat/completions';

/** Chat Completions, OpenAI's and everyone's who speaks it, Azure's paths by deployment included. */
export const openAiChat: WireFormat = {
  name: 'openai-chat',
  match,
  ...lazyReading(() => require('./chat-reading.js') as typeof import('./chat-reading.js')),
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
