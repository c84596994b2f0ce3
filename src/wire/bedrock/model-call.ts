import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { decodedSegment, pathLength } from '../model-path.js';
import { knownProvider, urlOf } from '../providers.js';

/** Bedrock's SDKs and whatever else signs its requests. A key for Bedrock alone is a bearer token. */
const PROOF: CallProof = {
  header: (name, value) =>
    name.startsWith('x-amz') || (name === 'authorization' && value.startsWith('AWS4-HMAC-SHA256')),
  body: (kindOf) =>
    kindOf('messages') === 'list' ||
    kindOf('anthropic_version') === 'string' ||
    kindOf('prompt') === 'string' ||
    kindOf('inputText') === 'string',
};

/** Models whose answers are no messages. */
const NO_CHAT = /embed|rerank|image|canvas|reel|sonic|stability\./i;

/**
 * A call of a model by its path: `/model/{id}/{verb}`. The id may be an ARN, with slashes in it.
 *
 * @param verb with its slash: how the answer is asked for in one piece
 * @param streamVerb how it is asked for as a stream
 */
export function bedrockCall(
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
  if (NO_CHAT.test(model)) return undefined;
  return {
    format,
    operationName: 'chat',
    provider: known ?? 'aws.bedrock',
    model,
    operation: isStream ? 'stream' : 'generate',
    proof: known === 'aws.bedrock' ? undefined : PROOF,
  };
}
