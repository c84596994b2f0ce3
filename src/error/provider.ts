import { clean } from './detail.js';
import type { Evidence } from './types.js';

interface Provider {
  /** As in `gen_ai.provider.name`, where the conventions have one. */
  readonly name: string;
  readonly title: string;
  /** In a text, a name, a URL, in lower case. */
  readonly mention: RegExp;
  /** Further spellings an application may hint with. */
  readonly aliases: readonly string[];
}

/** In order: who stands between comes before whose model it is ("anthropic/claude… on openrouter"). */
const PROVIDERS: readonly Provider[] = [
  {
    name: 'openai_compatible',
    title: 'the OpenAI-compatible provider',
    mention: /openai[ _-]compat/,
    aliases: ['openai-compatible', 'openai-compat', 'openai_compat'],
  },
  {
    name: 'azure.ai.openai',
    title: 'Azure OpenAI',
    mention: /azure/,
    aliases: ['azure', 'azure-openai', 'azure.ai.inference'],
  },
  { name: 'openrouter', title: 'OpenRouter', mention: /openrouter/, aliases: [] },
  {
    name: 'aws.bedrock',
    title: 'AWS Bedrock',
    mention: /bedrock/,
    aliases: ['bedrock', 'amazon-bedrock'],
  },
  {
    name: 'vercel',
    title: 'Vercel AI Gateway',
    mention:
      /vercel|gateway(?:authentication|forbidden|internalserver|invalidrequest|modelnotfound|ratelimit|response)error/,
    aliases: ['gateway'],
  },
  { name: 'anthropic', title: 'Anthropic', mention: /anthropic|claude/, aliases: [] },
  {
    name: 'gcp.gemini',
    title: 'Google',
    mention: /google|gemini|vertex/,
    aliases: ['google', 'gemini', 'vertex', 'gcp.gen_ai', 'gcp.vertex_ai', 'google.generative-ai'],
  },
  { name: 'openai', title: 'OpenAI', mention: /openai/, aliases: [] },
];

/** Asked first: most texts mention none. */
const ANY = new RegExp(PROVIDERS.map(({ mention }) => mention.source).join('|'));

const BY_NAME = new Map(PROVIDERS.flatMap((one) => [one.name, ...one.aliases].map((name) => [name, one])));

const MAX_HINT = 100;

/** Headers that one provider alone sends. */
const TELLING_HEADERS: readonly (readonly [header: string, name: string])[] = [
  ['anthropic-organization-id', 'anthropic'],
  // Azure passes on what OpenAI sends, so it is asked first.
  ['apim-request-id', 'azure.ai.openai'],
  ['openai-organization', 'openai'],
  ['openai-processing-ms', 'openai'],
  ['x-amzn-requestid', 'aws.bedrock'],
];

/** The hint, else whose URL, names, headers or words these are. */
export function providerOf(evidence: Evidence, hint: string | undefined): string | undefined {
  const hinted = typeof hint === 'string' ? clean(hint, MAX_HINT) : '';
  if (hinted !== '') return hinted;
  return (
    inHost(evidence.url) ??
    mentioned([...evidence.codes].join(' ')) ??
    inHeaders(evidence) ??
    mentioned(evidence.words)
  );
}

/** The name to show to people, as it begins a sentence or stands within one. */
export function providerTitle(name: string | undefined): string {
  if (name === undefined) return 'the model provider';
  return BY_NAME.get(name.toLowerCase())?.title ?? name;
}

function mentioned(text: string): string | undefined {
  if (!ANY.test(text)) return undefined;
  return PROVIDERS.find(({ mention }) => mention.test(text))?.name;
}

/** The host alone: a path can hold anything. */
function inHost(url: string | undefined): string | undefined {
  const host = url === undefined ? undefined : /^https?:\/\/([^/?#]{1,255})/i.exec(url)?.[1];
  return host === undefined ? undefined : mentioned(host.toLowerCase());
}

function inHeaders({ headers }: Evidence): string | undefined {
  return headers === undefined
    ? undefined
    : TELLING_HEADERS.find(([header]) => headers(header) !== undefined)?.[1];
}
