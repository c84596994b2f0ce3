import {
  type CallProof,
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  type WireFormat,
} from '../format.js';
import { decodedSegment, knownProvider, modelPath, pathLength, urlOf } from './providers.js';

const MESSAGES = '/messages';
const RAW_PREDICT = ':rawPredict';
const STREAM_RAW_PREDICT = ':streamRawPredict';

/** Vertex AI counts tokens at this path, in the place of a model. */
const COUNT_TOKENS = 'count-tokens';

/** The host, which needs no proof. Also matches the whole URL in the path of a forward proxy. */
const ANTHROPIC_HOST = /^https?:\/\/(?:[^/?#]*[.@])?anthropic\.com(?::\d+)?(?:[/?#]|$)/i;

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
  const { method, origin, path } = line;
  if (method !== 'POST') return undefined;
  const length = pathLength(path);
  if (path.endsWith(MESSAGES, length)) {
    if (ANTHROPIC_HOST.test(path.startsWith('/') ? origin : path)) return anthropicCall(ANTHROPIC);
    return { ...anthropicCall(anthropicProvider(line)), proof: ANTHROPIC_PROOF };
  }
  if (path.endsWith(RAW_PREDICT, length)) return onVertex(path, length, RAW_PREDICT, 'generate');
  if (path.endsWith(STREAM_RAW_PREDICT, length)) return onVertex(path, length, STREAM_RAW_PREDICT, 'stream');
  return undefined;
}

/** DeepSeek, Moonshot and others serve the same API. Azure's hosts otherwise count as OpenAI. */
function anthropicProvider(line: RequestLine): string {
  const url = urlOf(line);
  const known = url && knownProvider(url);
  return known === undefined || known.startsWith('azure.') ? ANTHROPIC : known;
}

const ANTHROPIC = 'anthropic';

/** Vertex AI uses the same verbs for other publishers' models, in other formats. */
function onVertex(
  path: string,
  length: number,
  verb: string,
  operation: RecognisedCall['operation'],
): RecognisedCall | undefined {
  const named = modelPath(path, length, verb);
  if (named?.collection !== 'models' || named.model === COUNT_TOKENS) return undefined;
  if (!named.parent.endsWith('/publishers/anthropic')) return undefined;
  return anthropicCall('gcp.vertex_ai', named.model, operation);
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
  match: (line) => bedrockCall(bedrockInvoke, line, '/invoke', '/invoke-with-response-stream'),
  ...lazyReading(
    () => require('../reading/bedrock-invoke.js') as typeof import('../reading/bedrock-invoke.js'),
  ),
};

/** AWS Bedrock's Converse API. */
export const bedrockConverse: WireFormat = {
  name: 'bedrock-converse',
  match: (line) => bedrockCall(bedrockConverse, line, '/converse', '/converse-stream'),
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
 * @param verb the verb of a request without streaming, with its slash
 * @param streamVerb the verb of a streaming request
 */
function bedrockCall(
  format: WireFormat,
  line: RequestLine,
  verb: string,
  streamVerb: string,
): RecognisedCall | undefined {
  const { path } = line;
  const length = pathLength(path);
  const isStream = path.endsWith(streamVerb, length);
  if (line.method !== 'POST' || !(isStream || path.endsWith(verb, length))) return undefined;
  const url = urlOf(line);
  const [, id, called] = /\/model\/(.+)(\/[\w-]+)$/.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || id === undefined || called !== (isStream ? streamVerb : verb)) return undefined;
  const model = decodedSegment(id);
  const known = knownProvider(url);
  if (NO_CHAT_MODEL.test(model)) return undefined;
  return {
    format,
    operationName: 'chat',
    provider: known ?? 'aws.bedrock',
    model,
    operation: isStream ? 'stream' : 'generate',
    proof: known === 'aws.bedrock' ? undefined : BEDROCK_PROOF,
  };
}
