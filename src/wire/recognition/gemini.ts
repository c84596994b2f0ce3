import {
  type CallProof,
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  type WireFormat,
} from '../format.js';
import { decodedSegment, modelPath, pathLength, urlOf } from './providers.js';

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

const GENERATE = ':generateContent';
const STREAM = ':streamGenerateContent';

/** Gemini's generateContent, of the Gemini API (AI Studio), of Vertex AI or through a gateway. */
export const geminiGenerateContent: WireFormat = {
  name: 'gemini-generate-content',
  match: matchGenerateContent,
  ...lazyReading(() => require('../reading/gemini.js') as typeof import('../reading/gemini.js')),
};

/** Collections in a path: models, tuned models, and endpoints of Vertex AI. */
const COLLECTIONS: ReadonlySet<string> = new Set(['models', 'tunedModels', 'endpoints']);

function matchGenerateContent(line: RequestLine): RecognisedCall | undefined {
  if (line.method !== 'POST') return undefined;
  const length = pathLength(line.path);
  if (line.path.endsWith(GENERATE, length)) return call(line, length, GENERATE, 'generate');
  if (line.path.endsWith(STREAM, length)) return call(line, length, STREAM, 'stream');
  return undefined;
}

function call(
  { origin, path }: RequestLine,
  length: number,
  verb: string,
  operation: RecognisedCall['operation'],
): RecognisedCall | undefined {
  const named = modelPath(path, length, verb);
  if (named === undefined || !COLLECTIONS.has(named.collection)) return undefined;
  const { parent, collection, model } = named;
  const onVertex = ON_VERTEX.test(parent) || ON_VERTEX.test(origin);
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
