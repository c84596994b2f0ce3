import type { StepOperation } from '../../types.js';
import {
  type CallProof,
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  type WireFormat,
} from '../format.js';
import { decodedSegment, knownProvider, modelPath, postOperation, postUrl, urlOf } from './providers.js';

const MESSAGES = '/messages';

/** Vertex AI uses the same verbs for other publishers' models, in other formats. */
const VERTEX_VERBS = { generate: ':rawPredict', stream: ':streamRawPredict' };

/** Vertex AI counts tokens at this path, in the place of a model. */
const COUNT_TOKENS = 'count-tokens';

/** Calls of this host need no proof. */
const ANTHROPIC_HOST = /(?:^|\.)anthropic\.com$/;

/** Mail, chat and SMS APIs use the same path. */
const ANTHROPIC_PROOF: CallProof = {
  header: (name) => name.startsWith('anthropic-'),
  body: (kindOf) =>
    kindOf('anthropic_version') === 'string' ||
    (kindOf('messages') === 'list' && (kindOf('model') === 'string' || kindOf('max_tokens') === 'number')),
};

/** Anthropic's Messages API, directly, through a gateway or on Vertex AI. */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  match: matchAnthropic,
  ...lazyReading(() => require('../reading/anthropic.js') as typeof import('../reading/anthropic.js')),
};

function matchAnthropic(line: RequestLine): RecognisedCall | undefined {
  const url = postUrl(line, MESSAGES);
  if (url !== undefined) {
    const isProven = ANTHROPIC_HOST.test(url.hostname);
    return { ...anthropicCall(anthropicProvider(url)), proof: isProven ? undefined : ANTHROPIC_PROOF };
  }
  const operation = postOperation(line, VERTEX_VERBS);
  const named = operation && modelPath(line.path, VERTEX_VERBS[operation]);
  if (named?.collection !== 'models' || named.model === COUNT_TOKENS) return undefined;
  if (!named.parent.endsWith('/publishers/anthropic')) return undefined;
  return anthropicCall('gcp.vertex_ai', named.model, operation);
}

/** DeepSeek, Moonshot and others serve the same API. Azure's hosts otherwise count as OpenAI. */
function anthropicProvider(url: URL): string {
  const known = knownProvider(url);
  return known === undefined || known.startsWith('azure.') ? 'anthropic' : known;
}

function anthropicCall(
  provider: string,
  model?: string,
  operation?: RecognisedCall['operation'],
): RecognisedCall {
  return { format: anthropicMessages, operationName: 'chat', provider, model, operation };
}

/**
 * AWS Bedrock's InvokeModel API, with bodies in the model's own format. Reads the messages of Anthropic's and
 * Amazon's models.
 */
export const bedrockInvoke: WireFormat = {
  name: 'bedrock-invoke',
  isOpen: true,
  match: (line) =>
    bedrockCall(bedrockInvoke, line, { generate: '/invoke', stream: '/invoke-with-response-stream' }),
  ...lazyReading(
    () => require('../reading/bedrock-invoke.js') as typeof import('../reading/bedrock-invoke.js'),
  ),
};

/** AWS Bedrock's Converse API. */
export const bedrockConverse: WireFormat = {
  name: 'bedrock-converse',
  match: (line) => bedrockCall(bedrockConverse, line, { generate: '/converse', stream: '/converse-stream' }),
  ...lazyReading(
    () => require('../reading/bedrock-converse.js') as typeof import('../reading/bedrock-converse.js'),
  ),
};

/** A request with an AWS signature, or with a Bedrock API key as a bearer token. */
const BEDROCK_PROOF: CallProof = {
  header: (name, value) =>
    name.startsWith('x-amz') || (name === 'authorization' && value.startsWith('AWS4-HMAC-SHA256')),
  body: (kindOf) =>
    kindOf('messages') === 'list' ||
    kindOf('anthropic_version') === 'string' ||
    kindOf('prompt') === 'string' ||
    kindOf('inputText') === 'string',
};

/** Models that do not generate messages. */
const NO_CHAT_MODEL = /embed|rerank|image|canvas|reel|sonic|stability\./i;

/**
 * Recognises a model call by its path, `/model/{id}/{verb}`. The id may be an ARN with slashes.
 *
 * @param verbs the verbs with their slash
 */
function bedrockCall(
  format: WireFormat,
  line: RequestLine,
  verbs: Readonly<Record<StepOperation, string>>,
): RecognisedCall | undefined {
  const operation = postOperation(line, verbs);
  if (operation === undefined) return undefined;
  const url = urlOf(line);
  const [, id, verb] = /\/model\/(.+)(\/[\w-]+)$/.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || id === undefined || verb !== verbs[operation]) return undefined;
  const model = decodedSegment(id);
  const known = knownProvider(url);
  if (NO_CHAT_MODEL.test(model)) return undefined;
  return {
    format,
    operationName: 'chat',
    provider: known ?? 'aws.bedrock',
    model,
    operation,
    proof: known === 'aws.bedrock' ? undefined : BEDROCK_PROOF,
  };
}
