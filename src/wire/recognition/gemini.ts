import {
  type CallProof,
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  type WireFormat,
} from '../format.js';
import { decodedSegment, modelPath, postOperation, urlOf } from './providers.js';

/** A new interaction. Polls and resumed streams append its id. */
const PATH =
  /\/v\d+(?:(?:alpha|beta)\d*)?(?:\/projects\/[^/]+\/locations\/[^/]+)?\/interactions(?:\/([^/]+))?$/;

const HOST = /(?:^|\.)googleapis\.com$/;

/** Other APIs use this path too. */
const PROOF: CallProof = {
  header: (name, value) =>
    name === 'x-goog-api-key' || (name === 'x-goog-api-client' && value.includes('google-genai')),
  body: (kindOf) =>
    kindOf('input') !== undefined && (kindOf('model') === 'string' || kindOf('agent') === 'string'),
};

/** Gemini's Interactions API, which stores the history and supports background calls. */
export const geminiInteractions: WireFormat = {
  name: 'gemini-interactions',
  isPolled: true,
  match: matchInteraction,
  ...lazyReading(
    () => require('../reading/gemini-interactions.js') as typeof import('../reading/gemini-interactions.js'),
  ),
};

function matchInteraction(line: RequestLine): RecognisedCall | undefined {
  if (!line.path.includes('/interactions')) return undefined;
  const url = urlOf(line);
  const found = url && PATH.exec(url.pathname);
  if (!found) return undefined;
  const id = found[1];
  // Requests such as `/cancel` to an existing interaction are not calls.
  if ((line.method === 'GET') !== (id !== undefined)) return undefined;
  return {
    format: geminiInteractions,
    operationName: 'generate_content',
    provider: /\/projects\//.test(url.pathname) ? 'gcp.vertex_ai' : 'gcp.gemini',
    model: undefined,
    operation: id === undefined ? undefined : pollOperation(url),
    proof: HOST.test(url.hostname) ? undefined : PROOF,
    ...(id !== undefined && { responseId: decodedSegment(id) }),
  };
}

function pollOperation({ searchParams }: URL): RecognisedCall['operation'] {
  return searchParams.get('stream') === 'true' ? 'stream' : 'generate';
}

const VERBS = { generate: ':generateContent', stream: ':streamGenerateContent' };

/** Gemini's generateContent, of the Gemini API (AI Studio), of Vertex AI or through a gateway. */
export const geminiGenerateContent: WireFormat = {
  name: 'gemini-generate-content',
  match: matchGenerateContent,
  ...lazyReading(() => require('../reading/gemini.js') as typeof import('../reading/gemini.js')),
};

/** Collections in a path: models, tuned models, and endpoints of Vertex AI. */
const COLLECTIONS: ReadonlySet<string> = new Set(['models', 'tunedModels', 'endpoints']);

function matchGenerateContent(line: RequestLine): RecognisedCall | undefined {
  const operation = postOperation(line, VERBS);
  const named = operation && modelPath(line.path, VERBS[operation]);
  if (named === undefined || !COLLECTIONS.has(named.collection)) return undefined;
  const { parent, collection, model } = named;
  const onVertex = ON_VERTEX.test(parent) || ON_VERTEX.test(line.origin);
  return {
    format: geminiGenerateContent,
    operationName: 'generate_content',
    provider: onVertex ? 'gcp.vertex_ai' : 'gcp.gemini',
    model: collection === 'models' ? model : `${collection}/${model}`,
    operation,
  };
}

/** Vertex AI, by its global and regional hosts or by paths that the Gemini API does not have. */
const ON_VERTEX = /aiplatform\.googleapis\.com|\/projects\/|\/publishers\//;
