import type { RequestLine } from '../format.js';

/**
 * Whose host it is: `gen_ai.provider.name` as the GenAI conventions list it, and for those that they do not
 * list the company's name in the same spelling. Any other host is taken for OpenAI: the conventions want the name
 * to tell the format of the telemetry, as far as the client can know who answers behind a gateway.
 */
const HOSTS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/(?:^|\.)openai\.com$/, 'openai'],
  [/\.openai\.azure\.(?:com|us)$/, 'azure.ai.openai'],
  [/\.(?:cognitiveservices\.azure|services\.ai\.azure)\.com$/, 'azure.ai.openai'],
  [/\.(?:models|inference)\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/(?:^|\.)anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/(?:^|[.-])aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/^bedrock[\w-]*\..*\.(?:amazonaws\.com|api\.aws)$/, 'aws.bedrock'],
  [/(?:^|\.)cohere\.(?:com|ai)$/, 'cohere'],
  [/(?:^|\.)deepseek\.com$/, 'deepseek'],
  [/(?:^|\.)groq\.com$/, 'groq'],
  [/(?:^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(?:^|\.)perplexity\.ai$/, 'perplexity'],
  [/(?:^|\.)x\.ai$/, 'x_ai'],
  [/(?:^|\.)openrouter\.ai$/, 'openrouter'],
  [/(?:^|\.)together\.(?:xyz|ai)$/, 'together_ai'],
  [/(?:^|\.)fireworks\.ai$/, 'fireworks_ai'],
  [/(?:^|\.)ollama\.com$/, 'ollama'],
];

const DEFAULT_PROVIDER = 'openai';
const OLLAMA_PORT = '11434';

/** Azure AI Foundry has two APIs behind one host. */
const AZURE_INFERENCE = /\.services\.ai\.azure\.com\/models\//;

/** Azure's path names the deployment, which stands where elsewhere the body names the model. */
const DEPLOYMENT = /\/openai\/deployments\/([^/]+)\//;

/** The whole URL of a request, also where its path is one: behind a forward proxy. */
export function urlOf({ origin, path }: RequestLine): URL | undefined {
  try {
    return new URL(path.startsWith('/') ? `${origin}${path}` : path);
  } catch {
    return undefined;
  }
}

/** `gen_ai.provider.name`. */
export function providerAt({ hostname, pathname, port }: URL): string {
  if (port === OLLAMA_PORT) return 'ollama';
  if (AZURE_INFERENCE.test(`${hostname}${pathname}`)) return 'azure.ai.inference';
  return HOSTS.find(([host]) => host.test(hostname))?.[1] ?? DEFAULT_PROVIDER;
}

/** The model that an Azure path names. */
export function deploymentIn({ pathname }: URL): string | undefined {
  const name = DEPLOYMENT.exec(pathname)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
