import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { knownProvider, urlOf } from '../providers.js';

const PATH = '/ai/language-model';
const VERSIONED = /\/v\d+\/ai\/language-model$/;

const PROOF: CallProof = {
  header: (name) => name.startsWith('ai-language-model-') || name === 'ai-model-id',
  body: (kindOf) => kindOf('prompt') === 'list',
};

/** Vercel's AI Gateway, which takes and gives what the AI SDK's own interface of a model does. */
export const aiGateway: WireFormat = {
  name: 'ai-gateway',
  modelHeader: 'ai-language-model-id',
  match,
  ...lazyReading(() => require('./gateway-reading.js') as typeof import('./gateway-reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  const { method, path } = line;
  if (method !== 'POST' || !path.endsWith(PATH, pathLength(path))) return undefined;
  const url = urlOf(line);
  if (url === undefined || !VERSIONED.test(url.pathname)) return undefined;
  const known = knownProvider(url);
  return {
    format: aiGateway,
    operationName: 'chat',
    provider: known ?? 'vercel',
    model: undefined,
    operation: undefined,
    proof: known === 'vercel' ? undefined : PROOF,
  };
}
