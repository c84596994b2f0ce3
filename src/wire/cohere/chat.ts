import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { knownProvider, urlOf } from '../providers.js';

const PATH = '/v2/chat';

const PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('cohere-ai/'),
  body: (kindOf) => kindOf('model') === 'string' && kindOf('messages') === 'list',
};

/** Cohere's Chat API, version 2. */
export const cohereChat: WireFormat = {
  name: 'cohere-chat',
  match,
  ...lazyReading(() => require('./reading.js') as typeof import('./reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  const { method, path } = line;
  if (method !== 'POST' || !path.endsWith(PATH, pathLength(path))) return undefined;
  const url = urlOf(line);
  if (!url?.pathname.endsWith(PATH)) return undefined;
  const known = knownProvider(url);
  return {
    format: cohereChat,
    operationName: 'chat',
    provider: known ?? 'cohere',
    model: undefined,
    operation: undefined,
    proof: known === 'cohere' ? undefined : PROOF,
  };
}
