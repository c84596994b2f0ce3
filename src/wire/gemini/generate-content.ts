import type { RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { modelPath, pathLength } from '../model-path.js';

const GENERATE = ':generateContent';
const STREAM = ':streamGenerateContent';

/** Gemini's generateContent, of the Gemini API (AI Studio) and of Vertex AI, and behind a gateway. */
export const geminiGenerateContent: WireFormat = {
  name: 'gemini-generate-content',
  match,
  ...lazyReading(() => require('./reading.js') as typeof import('./reading.js')),
};

/** What a path may name: a model, one that was tuned, or where on Vertex AI one is deployed. */
const COLLECTIONS: ReadonlySet<string> = new Set(['models', 'tunedModels', 'endpoints']);

function match(line: RequestLine): RecognisedCall | undefined {
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

/** By its hosts, which are those of regions as well, or by a path that the Gemini API does not have. */
const ON_VERTEX = /aiplatform\.googleapis\.com|\/projects\/|\/publishers\//;
