import { epochMillis } from '../clock.js';
import { clean, detailOf, errorName, errorTypeOf, identifier, MAX_ID } from './detail.js';
import { validOverrides } from './evidence.js';
import {
  type Classification,
  type ClassifyOptions,
  type Evidence,
  type Explanation,
  errorKind,
  isRetryableKind,
  messageFor,
  type RuleResult,
} from './kinds.js';
import { gatherEvidence } from './read-exception.js';
import { RULES } from './rules.js';
import { retryDelay } from './values.js';

export { fingerprintOf, templateOf } from './detail.js';
export { attachClassification } from './evidence.js';

/** See `classifyError` of `index.ts`. */
export function classifyError(error: unknown, options: ClassifyOptions = {}): Classification {
  return explainError(error, options).classification;
}

/** See `explainError` of `index.ts`. */
export function explainError(error: unknown, options: ClassifyOptions = {}): Explanation {
  const evidence = gatherEvidence(error);
  const kind = errorKind(evidence.attached?.kind);
  // The kind attached by the application takes precedence over the rules.
  if (kind !== undefined) {
    const verdict = { kind, retryable: isRetryableKind(kind) };
    return explanation('attached', `kind ${kind}`, classificationOf(evidence, verdict, options));
  }
  for (const rule of RULES) {
    const matched = rule.match(evidence);
    if (matched !== undefined)
      return explanation(rule.name, matched, classificationOf(evidence, rule, options));
  }
  throw new Error('the last rule matches everything');
}

function explanation(rule: string, matched: string, classification: Classification): Explanation {
  return Object.freeze({ classification, rule, evidence: matched === '' ? undefined : matched });
}

/** Builds the result from the evidence. Fields attached by the application take precedence. */
function classificationOf(evidence: Evidence, verdict: RuleResult, options: ClassifyOptions): Classification {
  const overrides = evidence.attached === undefined ? undefined : validOverrides(evidence.attached);
  const provider = overrides?.provider ?? providerOf(evidence, options.provider);
  return Object.freeze({
    kind: verdict.kind,
    message: messageFor(verdict.kind, providerTitle(provider)),
    detail: verdict.detail ?? detailOf(evidence, verdict.kind === 'auth'),
    provider,
    retryable: verdict.retryable,
    statusCode: evidence.status ?? evidence.textStatus,
    retryAfterMillis: evidence.headers && retryDelay(evidence.headers, options.now ?? epochMillis),
    chainBroken: verdict.chainBroken ?? false,
    requestId: identifier(evidence.requestId, MAX_ID),
    exceptionType: errorName(evidence.exceptionType),
    errorType: errorTypeOf(evidence),
    ...overrides,
  });
}

interface Provider {
  /** The value of `gen_ai.provider.name`, if the conventions define one. */
  readonly name: string;
  readonly title: string;
  /** Matches texts, names and hosts in lower case. */
  readonly mention: RegExp;
  /** Other names that `options.provider` may have. */
  readonly aliases: readonly string[];
}

/** In order: gateways precede the providers of their models ("anthropic/claude… on openrouter"). */
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

/** A fast check, since most texts mention no provider. */
const ANY_MENTION = new RegExp(PROVIDERS.map(({ mention }) => mention.source).join('|'));

const BY_NAME = new Map(PROVIDERS.flatMap((one) => [one.name, ...one.aliases].map((name) => [name, one])));

const MAX_HINT = 100;

/** Headers that only one provider sends. */
const PROVIDER_HEADERS: readonly (readonly [header: string, name: string])[] = [
  ['anthropic-organization-id', 'anthropic'],
  // Before OpenAI, since Azure forwards OpenAI's headers.
  ['apim-request-id', 'azure.ai.openai'],
  ['openai-organization', 'openai'],
  ['openai-processing-ms', 'openai'],
  ['x-amzn-requestid', 'aws.bedrock'],
];

/** The provider by `options.provider`, else by the host, the codes, the headers or the text. */
function providerOf(evidence: Evidence, hint: string | undefined): string | undefined {
  const hinted = typeof hint === 'string' ? clean(hint, MAX_HINT) : '';
  if (hinted !== '') return hinted;
  return (
    providerInHost(evidence.url) ??
    providerIn([...evidence.codes].join(' ')) ??
    providerInHeaders(evidence) ??
    providerIn(evidence.fullText)
  );
}

function providerTitle(name: string | undefined): string {
  if (name === undefined) return 'the model provider';
  return BY_NAME.get(name.toLowerCase())?.title ?? name;
}

function providerIn(text: string): string | undefined {
  if (!ANY_MENTION.test(text)) return undefined;
  return PROVIDERS.find(({ mention }) => mention.test(text))?.name;
}

/** Only the host, since a path may contain any name. */
function providerInHost(url: string | undefined): string | undefined {
  const host = url === undefined ? undefined : /^https?:\/\/([^/?#]{1,255})/i.exec(url)?.[1];
  return host === undefined ? undefined : providerIn(host.toLowerCase());
}

function providerInHeaders({ headers }: Evidence): string | undefined {
  return headers === undefined
    ? undefined
    : PROVIDER_HEADERS.find(([header]) => headers(header) !== undefined)?.[1];
}
