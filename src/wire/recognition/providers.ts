import type { StepOperation } from '../../types.js';
import type { RequestLine } from '../format.js';

function pathLength(path: string): number {
  const query = path.indexOf('?');
  return query === -1 ? path.length : query;
}

/** Removes doubled and trailing slashes, which servers ignore. Keeps the query. */
export function withoutExtraSlashes(path: string): string {
  const length = pathLength(path);
  const doubled = path.indexOf('//');
  const hasDoubled = doubled !== -1 && doubled < length;
  if (!hasDoubled && !path.endsWith('/', length)) return path;
  // With a forward proxy the path is a whole URL.
  const plain = path.slice(0, length).replace(/(?<!:)\/{2,}/g, '/');
  return (plain.endsWith('/') ? plain.slice(0, -1) : plain) + path.slice(length);
}

/**
 * Returns the URL of a POST whose path ends with a suffix. Only such a path is parsed, since most requests match no
 * format.
 */
export function postUrl(line: RequestLine, suffix: string): URL | undefined {
  if (line.method !== 'POST' || !line.path.endsWith(suffix, pathLength(line.path))) return undefined;
  const url = urlOf(line);
  return url?.pathname.endsWith(suffix) ? url : undefined;
}

/** Returns the operation of a POST whose path ends with a verb. */
export function postOperation(
  { method, path }: RequestLine,
  verbs: Readonly<Record<StepOperation, string>>,
): StepOperation | undefined {
  if (method !== 'POST') return undefined;
  const length = pathLength(path);
  if (path.endsWith(verbs.generate, length)) return 'generate';
  return path.endsWith(verbs.stream, length) ? 'stream' : undefined;
}

/** A path of the form `{parent}/{collection}/{model}{verb}`, as Google's APIs use. */
interface ModelPath {
  readonly parent: string;
  readonly collection: string;
  readonly model: string;
}

/** @param verb the verb at the end of the path, with its colon */
export function modelPath(path: string, verb: string): ModelPath | undefined {
  const stem = path.slice(0, pathLength(path) - verb.length);
  const model = stem.lastIndexOf('/');
  const collection = stem.lastIndexOf('/', model - 1);
  if (model <= 0 || collection === -1 || model === stem.length - 1) return undefined;
  return {
    parent: stem.slice(0, collection),
    collection: stem.slice(collection + 1, model),
    model: decodedSegment(stem.slice(model + 1)),
  };
}

/** Decodes a path segment; returns it unchanged if its encoding is invalid. */
export function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Azure's path contains the deployment instead of a model in the body. */
const DEPLOYMENT = /\/openai\/deployments\/([^/]+)\//;

/** Returns the deployment in an Azure path, which serves as the model. */
export function deploymentIn({ pathname }: URL): string | undefined {
  const name = DEPLOYMENT.exec(pathname)?.[1];
  return name === undefined ? undefined : decodedSegment(name);
}

/**
 * `gen_ai.provider.name` by domain, including subdomains. Providers that the GenAI conventions do not list have the
 * name of the company or service in the same spelling. As of November 2026.
 */
const DOMAINS: ReadonlyMap<string, string> = new Map([
  ['ai21.com', 'ai21'],
  ['aliyuncs.com', 'dashscope'],
  ['anthropic.com', 'anthropic'],
  ['baidubce.com', 'baidu'],
  ['baseten.co', 'baseten'],
  ['bigmodel.cn', 'zhipu_ai'],
  ['cerebras.ai', 'cerebras'],
  ['chutes.ai', 'chutes'],
  ['cloudflare.com', 'cloudflare'],
  ['cognitiveservices.azure.com', 'azure.ai.openai'],
  ['cohere.ai', 'cohere'],
  ['cohere.com', 'cohere'],
  ['databricks.com', 'databricks'],
  ['azuredatabricks.net', 'databricks'],
  ['deepinfra.com', 'deepinfra'],
  ['deepseek.com', 'deepseek'],
  ['featherless.ai', 'featherless_ai'],
  ['fireworks.ai', 'fireworks_ai'],
  ['friendli.ai', 'friendli_ai'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['githubcopilot.com', 'github_copilot'],
  ['groq.com', 'groq'],
  ['huggingface.co', 'huggingface'],
  ['huggingface.cloud', 'huggingface'],
  ['hyperbolic.xyz', 'hyperbolic'],
  ['inceptionlabs.ai', 'inception'],
  ['inference.ai.azure.com', 'azure.ai.inference'],
  ['lambda.ai', 'lambda'],
  ['minimax.chat', 'minimax'],
  ['minimax.io', 'minimax'],
  ['minimaxi.com', 'minimax'],
  ['mistral.ai', 'mistral_ai'],
  ['ml.cloud.ibm.com', 'ibm.watsonx.ai'],
  ['models.ai.azure.com', 'azure.ai.inference'],
  ['models.github.ai', 'github_models'],
  ['moonshot.ai', 'moonshot_ai'],
  ['moonshot.cn', 'moonshot_ai'],
  ['nebius.ai', 'nebius'],
  ['nebius.com', 'nebius'],
  ['novita.ai', 'novita_ai'],
  ['nvidia.com', 'nvidia'],
  ['ollama.com', 'ollama'],
  ['openai.azure.com', 'azure.ai.openai'],
  ['openai.azure.us', 'azure.ai.openai'],
  ['openai.com', 'openai'],
  ['openrouter.ai', 'openrouter'],
  ['parasail.io', 'parasail'],
  ['perplexity.ai', 'perplexity'],
  ['portkey.ai', 'portkey'],
  ['replicate.com', 'replicate'],
  ['sambanova.ai', 'sambanova'],
  ['scaleway.ai', 'scaleway'],
  ['services.ai.azure.com', 'azure.ai.openai'],
  ['siliconflow.cn', 'siliconflow'],
  ['siliconflow.com', 'siliconflow'],
  ['snowflakecomputing.com', 'snowflake'],
  ['stepfun.com', 'stepfun'],
  ['together.ai', 'together_ai'],
  ['together.xyz', 'together_ai'],
  ['upstage.ai', 'upstage'],
  ['venice.ai', 'venice_ai'],
  ['vercel.sh', 'vercel'],
  ['volces.com', 'volcengine'],
  ['x.ai', 'x_ai'],
  ['z.ai', 'zhipu_ai'],
]);

const HOSTS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/(?:^|[.-])aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/(?:^|\.)bedrock[\w-]*\..*(?:amazonaws\.com(?:\.cn)?|api\.aws)$/, 'aws.bedrock'],
];

const OLLAMA_PORT = '11434';

/** Azure AI Foundry serves two APIs on one host. */
const AZURE_INFERENCE = /\.services\.ai\.azure\.com\/models\//;

const PRIVATE_HOST =
  /^(?:[^.]+|.*\.(?:localhost|local|localdomain|internal|intranet|lan|home\.arpa|svc|consul)|\d+\.\d+\.\d+\.\d+|\[.*\])$/;

/** Returns the provider of a known host. */
export function knownProvider({ hostname, pathname, port }: URL): string | undefined {
  if (port === OLLAMA_PORT) return 'ollama';
  if (AZURE_INFERENCE.test(`${hostname}${pathname}`)) return 'azure.ai.inference';
  for (let at = 0; at < hostname.length; ) {
    const provider = DOMAINS.get(hostname.slice(at));
    if (provider !== undefined) return provider;
    const dot = hostname.indexOf('.', at);
    if (dot < 0) break;
    at = dot + 1;
  }
  return HOSTS.find(([host]) => host.test(hostname))?.[1];
}

/**
 * Returns `gen_ai.provider.name` for an OpenAI-compatible API: the provider of a known host, else the host name;
 * `openai` for IP addresses and private names.
 */
export function providerAt(url: URL): string {
  return knownProvider(url) ?? (PRIVATE_HOST.test(url.hostname) ? 'openai' : url.hostname);
}

/** Returns the URL of a request. With a forward proxy the path is the whole URL. */
export function urlOf({ origin, path }: Pick<RequestLine, 'origin' | 'path'>): URL | undefined {
  try {
    return new URL(path.startsWith('/') ? `${origin}${path}` : path);
  } catch {
    return undefined;
  }
}
