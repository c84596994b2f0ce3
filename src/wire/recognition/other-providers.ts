import {
  type CallProof,
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  type WireFormat,
} from '../format.js';
import { decodedSegment, knownProvider, postUrl, urlOf } from './providers.js';

/** Creates a prediction of a version, an official model or a deployment. */
const CREATE = /\/v1\/(?:(?:models|deployments)\/([^/]+\/[^/]+)\/)?predictions$/;
const POLL = /\/v1\/predictions\/([^/]+)$/;

const HOST = /(?:^|\.)replicate\.(?:com|delivery|net)$/;
/** The URL of a stream does not contain the prediction's id. */
const STREAM_HOST = /^stream[\w.-]*\.replicate\.(?:com|net)$/;

const PREDICTION_PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('replicate-'),
  body: (kindOf) => kindOf('input') === 'object' && kindOf('version') === 'string',
};

/** Replicate's predictions, created by one request and followed by polls or a stream with its own URL. */
export const replicatePredictions: WireFormat = {
  name: 'replicate-predictions',
  isPolled: true,
  match: matchPrediction,
  ...lazyReading(() => require('../reading/replicate.js') as typeof import('../reading/replicate.js')),
};

function matchPrediction(line: RequestLine): RecognisedCall | undefined {
  const isGet = line.method === 'GET';
  if (!line.path.includes('/predictions') && !(isGet && line.origin.includes('//stream'))) return undefined;
  const url = urlOf(line);
  if (url === undefined) return undefined;
  const isStream = isGet && STREAM_HOST.test(url.hostname);
  const found = (isGet ? POLL : CREATE).exec(url.pathname);
  if (found === null && !isStream) return undefined;
  const named = found?.[1] && decodedSegment(found[1]);
  return {
    format: replicatePredictions,
    operationName: 'text_completion',
    provider: 'replicate',
    model: isGet ? undefined : named,
    operation: isStream ? 'stream' : isGet ? 'generate' : undefined,
    proof: HOST.test(url.hostname) ? undefined : PREDICTION_PROOF,
    ...(isGet && { responseId: isStream ? `${url.host}${url.pathname}` : named }),
  };
}

const GATEWAY_PATH = '/ai/language-model';
const VERSIONED = /\/v\d+\/ai\/language-model$/;

const GATEWAY_PROOF: CallProof = {
  header: (name) => name.startsWith('ai-language-model-') || name === 'ai-model-id',
  body: (kindOf) => kindOf('prompt') === 'list',
};

/** Vercel AI Gateway, with the request and response format of the AI SDK's language model interface. */
export const aiGateway: WireFormat = {
  name: 'ai-gateway',
  modelHeader: 'ai-language-model-id',
  streamHeader: 'ai-language-model-streaming',
  match: matchGateway,
  ...lazyReading(
    () =>
      (require('../reading/ai-sdk-response.js') as typeof import('../reading/ai-sdk-response.js')).gateway,
  ),
};

function matchGateway(line: RequestLine): RecognisedCall | undefined {
  const url = postUrl(line, GATEWAY_PATH);
  if (url === undefined || !VERSIONED.test(url.pathname)) return undefined;
  const known = knownProvider(url);
  return {
    format: aiGateway,
    operationName: 'chat',
    provider: known ?? 'vercel',
    model: undefined,
    operation: undefined,
    proof: known === 'vercel' ? undefined : GATEWAY_PROOF,
  };
}

const CHAT = '/api/chat';
const GENERATE = '/api/generate';

/**
 * Applications use these paths too. A chat route of the AI SDK has an `id` and a `trigger` besides the messages, but
 * no model.
 */
const OLLAMA_PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('ollama-'),
  body: (kindOf) =>
    kindOf('model') === 'string' &&
    (kindOf('messages') === 'list' || kindOf('prompt') === 'string') &&
    kindOf('id') === undefined &&
    kindOf('trigger') === undefined,
};

/** Ollama's native API. */
export const ollama: WireFormat = {
  name: 'ollama',
  match: matchOllama,
  ...lazyReading(() => require('../reading/ollama.js') as typeof import('../reading/ollama.js')),
};

function matchOllama(line: RequestLine): RecognisedCall | undefined {
  const url = postUrl(line, CHAT) ?? postUrl(line, GENERATE);
  return (
    url && {
      format: ollama,
      operationName: url.pathname.endsWith(CHAT) ? 'chat' : 'text_completion',
      provider: 'ollama',
      model: undefined,
      operation: undefined,
      proof: knownProvider(url) === 'ollama' ? undefined : OLLAMA_PROOF,
    }
  );
}

/** A new, continued or restarted conversation. */
const MISTRAL_PATH = /\/conversations(?:\/[^/]+(?:\/restart)?)?$/;

/** OpenAI's conversations, which do not call a model, have no `inputs`. */
const MISTRAL_PROOF: CallProof = {
  header: () => false,
  body: (kindOf) => kindOf('inputs') === 'string' || kindOf('inputs') === 'list',
};

/** Mistral's Conversations API, which stores the history. */
export const mistralConversations: WireFormat = {
  name: 'mistral-conversations',
  match: matchMistral,
  ...lazyReading(() => require('../reading/mistral.js') as typeof import('../reading/mistral.js')),
};

function matchMistral(line: RequestLine): RecognisedCall | undefined {
  if (line.method !== 'POST' || !line.path.includes('/conversations')) return undefined;
  const url = urlOf(line);
  if (url === undefined || !MISTRAL_PATH.test(url.pathname)) return undefined;
  const known = knownProvider(url);
  return {
    format: mistralConversations,
    operationName: 'chat',
    provider: known ?? 'mistral_ai',
    model: undefined,
    operation: undefined,
    proof: MISTRAL_PROOF,
  };
}

const COHERE_PATH = '/v2/chat';

const COHERE_PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('cohere-ai/'),
  body: (kindOf) => kindOf('model') === 'string' && kindOf('messages') === 'list',
};

/** Cohere's Chat API v2. */
export const cohereChat: WireFormat = {
  name: 'cohere-chat',
  match: matchCohere,
  ...lazyReading(() => require('../reading/cohere.js') as typeof import('../reading/cohere.js')),
};

function matchCohere(line: RequestLine): RecognisedCall | undefined {
  const url = postUrl(line, COHERE_PATH);
  if (url === undefined) return undefined;
  const known = knownProvider(url);
  return {
    format: cohereChat,
    operationName: 'chat',
    provider: known ?? 'cohere',
    model: undefined,
    operation: undefined,
    proof: known === 'cohere' ? undefined : COHERE_PROOF,
  };
}
