/**
 * Whose host it is: `gen_ai.provider.name` as the GenAI conventions list it, and for those that they do not list the
 * company's or the service's name in the same spelling. A host is looked up with each domain that it is in.
 * As of November 2026.
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

/** Hosts that their domain alone does not tell. */
const HOSTS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/(?:^|[.-])aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/(?:^|\.)bedrock[\w-]*\..*(?:amazonaws\.com(?:\.cn)?|api\.aws)$/, 'aws.bedrock'],
];

const OLLAMA_PORT = '11434';

/** Azure AI Foundry has two APIs behind one host. */
const AZURE_INFERENCE = /\.services\.ai\.azure\.com\/models\//;

/** Addresses, and names that mean something in one network alone. */
const UNNAMED =
  /^(?:[^.]+|.*\.(?:localhost|local|localdomain|internal|intranet|lan|home\.arpa|svc|consul)|\d+\.\d+\.\d+\.\d+|\[.*\])$/;

/** The provider whose host it is, where that is known. */
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
 * `gen_ai.provider.name` of an API that many providers have: the provider of the host, else the name of the host.
 * Behind an address, or a name of a private network, it is `openai`, whose format it is.
 */
export function providerAt(url: URL): string {
  return knownProvider(url) ?? (UNNAMED.test(url.hostname) ? 'openai' : url.hostname);
}

/** The whole URL of a request, also where its path is one: behind a forward proxy. */
export function urlOf({ origin, path }: { readonly origin: string; readonly path: string }): URL | undefined {
  try {
    return new URL(path.startsWith('/') ? `${origin}${path}` : path);
  } catch {
    return undefined;
  }
}
