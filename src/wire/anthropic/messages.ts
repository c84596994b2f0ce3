import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { modelPath, pathLength } from '../model-path.js';

const MESSAGES = '/messages';
const RAW_PREDICT = ':rawPredict';
const STREAM_RAW_PREDICT = ':streamRawPredict';

/** Not a model, though it stands where one does: Vertex AI counts tokens at this path. */
const COUNT_TOKENS = 'count-tokens';

/** Whose host needs no proof. A path may be a whole URL, behind a forward proxy. */
const HOST = /^https?:\/\/(?:[^/?#]*[.@])?anthropic\.com(?::\d+)?(?:[/?#]|$)/i;

/** APIs for mail, chat and text messages have the same path. */
const PROOF: CallProof = {
  header: (name) => name.startsWith('anthropic-'),
  body: (kindOf) =>
    kindOf('anthropic_version') === 'string' ||
    (kindOf('messages') === 'list' && (kindOf('model') === 'string' || kindOf('max_tokens') === 'number')),
};

/** Anthropic's Messages API, its own, behind a gateway, and as Vertex AI has it. */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  match,
  ...lazyReading(() => require('./reading.js') as typeof import('./reading.js')),
};

function match({ method, origin, path }: RequestLine): RecognisedCall | undefined {
  if (method !== 'POST') return undefined;
  const length = pathLength(path);
  if (path.endsWith(MESSAGES, length)) {
    const isAnthropics = HOST.test(path.startsWith('/') ? origin : path);
    return { ...call('anthropic'), proof: isAnthropics ? undefined : PROOF };
  }
  if (path.endsWith(RAW_PREDICT, length)) return onVertex(path, length, RAW_PREDICT, 'generate');
  if (path.endsWith(STREAM_RAW_PREDICT, length)) return onVertex(path, length, STREAM_RAW_PREDICT, 'stream');
  return undefined;
}

/** Vertex AI serves other publishers' models at the same verbs, each in its own format. */
function onVertex(
  path: string,
  length: number,
  verb: string,
  operation: RecognisedCall['operation'],
): RecognisedCall | undefined {
  const named = modelPath(path, length, verb);
  if (named?.collection !== 'models' || named.model === COUNT_TOKENS) return undefined;
  if (!named.parent.endsWith('/publishers/anthropic')) return undefined;
  return call('gcp.vertex_ai', named.model, operation);
}

function call(provider: string, model?: string, operation?: RecognisedCall['operation']): RecognisedCall {
  return { format: anthropicMessages, operationName: 'chat', provider, model, operation };
}
