import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { knownProvider, urlOf } from '../providers.js';

const CHAT = '/api/chat';
const GENERATE = '/api/generate';

/**
 * Applications have routes of these names. One that takes what the AI SDK sends has an `id` and a `trigger` beside
 * the messages, and no model.
 */
const PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('ollama-'),
  body: (kindOf) =>
    kindOf('model') === 'string' &&
    (kindOf('messages') === 'list' || kindOf('prompt') === 'string') &&
    kindOf('id') === undefined &&
    kindOf('trigger') === undefined,
};

/** Ollama's own API. */
export const ollama: WireFormat = {
  name: 'ollama',
  match,
  ...lazyReading(() => require('./reading.js') as typeof import('./reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  const { method, path } = line;
  const length = pathLength(path);
  const isChat = path.endsWith(CHAT, length);
  if (method !== 'POST' || !(isChat || path.endsWith(GENERATE, length))) return undefined;
  const url = urlOf(line);
  if (!url?.pathname.endsWith(isChat ? CHAT : GENERATE)) return undefined;
  return {
    format: ollama,
    operationName: isChat ? 'chat' : 'text_completion',
    provider: 'ollama',
    model: undefined,
    operation: undefined,
    proof: knownProvider(url) === 'ollama' ? undefined : PROOF,
  };
}
