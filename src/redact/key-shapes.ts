/**
 * The shapes of API keys, as data. To add one, add a row with its source and the month of the check.
 * `test/redact/key-shapes.test.ts` generates keys from each row, and `docs/redaction-keys.md` lists each prefix.
 */

/** Keys with a distinctive prefix. */
export interface KeyShape {
  readonly issuer: string;
  readonly prefixes: readonly string[];
  /** The characters after the prefix, as a character class. */
  readonly alphabet: string;
  /**
   * The minimum number of characters after the prefix: fewer than in an issued key, so that a part of one is
   * recognised.
   */
  readonly minLength: number;
  /**
   * What distinguishes the key from words with the same prefix: a digit; or a digit, a capital or an unbroken run of 20
   * letters and digits.
   */
  readonly mustHave?: 'digit' | 'digit, capital or run';
  /** A regular expression for what follows the prefix, if alphabet and length do not describe it. */
  readonly pattern?: string;
  /** The document or public rule list that describes it. */
  readonly source: string;
  /** Year and month. */
  readonly checked: string;
}

/** Keys that are recognized by a signature in the middle. */
export interface SignedKeyShape {
  readonly issuer: string;
  readonly signature: string;
  /** The parts before and after the signature, as regular expressions. */
  readonly before: string;
  readonly after: string;
  /** The number of characters before the signature. */
  readonly beforeLength: number;
  readonly source: string;
  readonly checked: string;
}

const GITLEAKS = 'https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml';
const SECRETLINT = 'https://github.com/secretlint/secretlint/tree/master/packages/%40secretlint';
const TRUFFLEHOG = 'https://github.com/trufflesecurity/trufflehog/tree/main/pkg/detectors';
const checked = '2026-11';

const ALNUM = '[A-Za-z0-9]';
const HEX = '[0-9a-fA-F]';
const WORD = String.raw`\w`;
const DASHED = String.raw`[\w-]`;
const DOTTED = String.raw`[\w.-]`;
const BASE64 = String.raw`[\w+/=-]`;
/** Also percent-encoded. */
const BASE64_IN_URL = String.raw`[\w+/=%-]`;

/** Excludes hyphenated words: requires an unbroken run, or a digit or a capital near the beginning. */
export const UNLIKE_WORDS = '(?=[A-Za-z0-9]{20}|[a-z_-]{0,40}[0-9A-Z])';

/** How providers mask the middle of a key that they quote: `sk-abc***xyz`, `sk-...wxyz`. */
const MASK = String.raw`(?:(?:\*{2,}|\.{3,}|…)[\w-]*)`;

/** After `sk-`: an unbroken run, or characters that hyphenated words do not have, or a few of them and a mask. */
const SK = [
  String.raw`(?:(?=(?:[a-z0-9]{1,12}-){0,2}[A-Za-z0-9]{16}|[a-z_-]{0,40}[0-9A-Z])[\w-]{16,}`,
  String.raw`(?=[\w-]{0,15}\d)[\w-]{8,}`,
  String.raw`[\w-]{0,15}(?=\*\*|\.\.\.|…))${MASK}*`,
].join('|');

// biome-ignore format: a table
export const KEY_SHAPES: readonly KeyShape[] = [
  // Model providers and related services.
  { issuer: 'OpenAI, Anthropic, OpenRouter, DeepSeek', prefixes: ['sk-'], alphabet: DASHED, minLength: 8, pattern: SK, source: GITLEAKS, checked },
  { issuer: 'OpenAI', prefixes: ['ek_'], alphabet: ALNUM, minLength: 16, source: 'https://platform.openai.com/docs/api-reference/realtime-sessions', checked },
  { issuer: 'ElevenLabs', prefixes: ['sk_'], alphabet: ALNUM, minLength: 24, mustHave: 'digit', source: TRUFFLEHOG, checked },
  { issuer: 'Google', prefixes: ['AIza'], alphabet: DASHED, minLength: 12, pattern: `${UNLIKE_WORDS}[\\w-]{12,}${MASK}*`, source: GITLEAKS, checked },
  { issuer: 'Google', prefixes: ['AQ.'], alphabet: DASHED, minLength: 30, mustHave: 'digit, capital or run', source: 'https://ai.google.dev/gemini-api/docs/api-key', checked },
  { issuer: 'Google', prefixes: ['ya29.'], alphabet: DOTTED, minLength: 20, mustHave: 'digit, capital or run', source: 'https://developers.google.com/identity/protocols/oauth2', checked },
  { issuer: 'Google', prefixes: ['GOCSPX-'], alphabet: DASHED, minLength: 12, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'AWS', prefixes: ['AKIA', 'ASIA', 'ABIA'], alphabet: '[A-Z0-9]', minLength: 12, source: GITLEAKS, checked },
  { issuer: 'AWS', prefixes: ['IQoJb3JpZ2lu', 'FwoGZXIvYXdz', 'FQoGZXIvYXdz'], alphabet: BASE64_IN_URL, minLength: 12, mustHave: 'digit, capital or run', source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html', checked },
  { issuer: 'AWS', prefixes: ['ABSK'], alphabet: BASE64, minLength: 40, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'AWS', prefixes: ['bedrock-api-key-'], alphabet: BASE64, minLength: 12, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'Groq', prefixes: ['gsk_'], alphabet: ALNUM, minLength: 20, source: SECRETLINT, checked },
  { issuer: 'Cerebras', prefixes: ['csk-'], alphabet: ALNUM, minLength: 20, source: 'https://inference-docs.cerebras.ai/api-reference', checked },
  { issuer: 'xAI', prefixes: ['xai-'], alphabet: WORD, minLength: 20, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Perplexity', prefixes: ['pplx-'], alphabet: ALNUM, minLength: 20, source: GITLEAKS, checked },
  { issuer: 'Replicate', prefixes: ['r8_'], alphabet: DASHED, minLength: 20, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Hugging Face', prefixes: ['hf_', 'api_org_'], alphabet: ALNUM, minLength: 20, source: GITLEAKS, checked },
  { issuer: 'NVIDIA', prefixes: ['nvapi-'], alphabet: DASHED, minLength: 20, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Fireworks', prefixes: ['fw_', 'fpk_'], alphabet: ALNUM, minLength: 20, source: 'https://github.com/JSONbored/loopover/pull/3273', checked },
  { issuer: 'Tavily', prefixes: ['tvly-'], alphabet: DASHED, minLength: 20, mustHave: 'digit, capital or run', source: 'https://docs.tavily.com/documentation/api-reference/introduction', checked },
  { issuer: 'LangSmith', prefixes: ['lsv2_pt_', 'lsv2_sk_'], alphabet: WORD, minLength: 20, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Pinecone', prefixes: ['pcsk_'], alphabet: WORD, minLength: 20, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Databricks', prefixes: ['dapi'], alphabet: HEX, minLength: 32, source: SECRETLINT, checked },

  // Clouds and hosting platforms.
  { issuer: 'Vercel', prefixes: ['vck_', 'vcp_', 'vci_', 'vca_', 'vcr_'], alphabet: ALNUM, minLength: 20, source: 'https://vercel.com/changelog/new-token-formats-and-secret-scanning', checked },
  { issuer: 'Cloudflare', prefixes: ['cfk_', 'cfut_', 'cfat_'], alphabet: ALNUM, minLength: 30, source: 'https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/', checked },
  { issuer: 'Cloudflare', prefixes: ['v1.0-'], alphabet: '[0-9a-f-]', minLength: 60, source: GITLEAKS, checked },
  { issuer: 'Supabase', prefixes: ['sbp_'], alphabet: WORD, minLength: 20, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Supabase', prefixes: ['sb_secret_'], alphabet: DASHED, minLength: 20, mustHave: 'digit, capital or run', source: 'https://supabase.com/docs/guides/api/api-keys', checked },
  { issuer: 'Netlify', prefixes: ['nfp_'], alphabet: WORD, minLength: 30, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },
  { issuer: 'Fly.io', prefixes: ['fo1_', 'fm1a_', 'fm1r_', 'fm2_'], alphabet: BASE64, minLength: 40, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'DigitalOcean', prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'], alphabet: HEX, minLength: 32, source: GITLEAKS, checked },
  { issuer: 'Alibaba Cloud', prefixes: ['LTAI'], alphabet: ALNUM, minLength: 12, mustHave: 'digit', source: GITLEAKS, checked },
  { issuer: 'Heroku', prefixes: ['HRKU-'], alphabet: DASHED, minLength: 36, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'PlanetScale', prefixes: ['pscale_tkn_', 'pscale_oauth_', 'pscale_pw_'], alphabet: String.raw`[\w=.-]`, minLength: 32, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'Docker', prefixes: ['dckr_pat_', 'dckr_oat_'], alphabet: DASHED, minLength: 20, mustHave: 'digit, capital or run', source: SECRETLINT, checked },
  { issuer: 'Pulumi', prefixes: ['pul-'], alphabet: HEX, minLength: 40, source: GITLEAKS, checked },
  { issuer: 'Tailscale', prefixes: ['tskey-'], alphabet: DASHED, minLength: 24, mustHave: 'digit, capital or run', source: SECRETLINT, checked },
  { issuer: 'Grafana', prefixes: ['glc_'], alphabet: '[A-Za-z0-9+/=]', minLength: 32, source: GITLEAKS, checked },
  { issuer: 'Grafana', prefixes: ['glsa_'], alphabet: WORD, minLength: 32, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'Sentry', prefixes: ['sntrys_', 'sntryu_'], alphabet: BASE64, minLength: 40, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'PostHog', prefixes: ['phx_'], alphabet: WORD, minLength: 30, mustHave: 'digit, capital or run', source: TRUFFLEHOG, checked },

  // Source code and package registries.
  { issuer: 'GitHub', prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], alphabet: ALNUM, minLength: 16, source: GITLEAKS, checked },
  { issuer: 'GitHub', prefixes: ['github_pat_'], alphabet: WORD, minLength: 16, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'GitLab', prefixes: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glffct-', 'glft-', 'glimt-', 'glagent-', 'gloas-', 'glsoat-'], alphabet: DASHED, minLength: 16, pattern: `${UNLIKE_WORDS}[\\w-]{16,}(?:\\.[0-9a-z]{9,})?`, source: GITLEAKS, checked },
  { issuer: 'GitLab', prefixes: ['GR1348941'], alphabet: DASHED, minLength: 16, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'npm', prefixes: ['npm_'], alphabet: ALNUM, minLength: 30, source: GITLEAKS, checked },
  { issuer: 'PyPI', prefixes: ['pypi-'], alphabet: DASHED, minLength: 50, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'RubyGems', prefixes: ['rubygems_'], alphabet: HEX, minLength: 32, source: GITLEAKS, checked },
  { issuer: 'age', prefixes: ['AGE-SECRET-KEY-'], alphabet: '[A-Z0-9]', minLength: 20, source: GITLEAKS, checked },

  // Services that tools use.
  { issuer: 'Slack', prefixes: ['xoxe.xoxb-', 'xoxe.xoxp-', 'xoxa-', 'xoxb-', 'xoxc-', 'xoxd-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'], alphabet: '[A-Za-z0-9-]', minLength: 10, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'Stripe', prefixes: ['sk_live_', 'sk_test_', 'sk_prod_', 'rk_live_', 'rk_test_', 'rk_prod_', 'pk_live_'], alphabet: ALNUM, minLength: 8, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'Stripe', prefixes: ['whsec_'], alphabet: '[A-Za-z0-9+/=]', minLength: 16, mustHave: 'digit, capital or run', source: 'https://docs.stripe.com/webhooks', checked },
  { issuer: 'Shopify', prefixes: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], alphabet: ALNUM, minLength: 32, source: SECRETLINT, checked },
  { issuer: 'SendGrid', prefixes: ['SG.'], alphabet: DOTTED, minLength: 33, pattern: String.raw`[\w-]{16,}\.[\w-]{16,}`, source: GITLEAKS, checked },
  { issuer: 'Brevo', prefixes: ['xkeysib-'], alphabet: '[A-Za-z0-9-]', minLength: 40, mustHave: 'digit, capital or run', source: GITLEAKS, checked },
  { issuer: 'Notion', prefixes: ['ntn_'], alphabet: ALNUM, minLength: 30, source: SECRETLINT, checked },
  { issuer: 'Linear', prefixes: ['lin_api_'], alphabet: WORD, minLength: 32, mustHave: 'digit, capital or run', source: SECRETLINT, checked },
  { issuer: 'Figma', prefixes: ['figd_'], alphabet: DASHED, minLength: 32, mustHave: 'digit, capital or run', source: SECRETLINT, checked },
  { issuer: 'Postman', prefixes: ['PMAK-'], alphabet: '[0-9a-fA-F-]', minLength: 40, source: GITLEAKS, checked },
];

// biome-ignore format: a table
export const SIGNED_KEY_SHAPES: readonly SignedKeyShape[] = [
  { issuer: 'Azure', signature: 'JQQJ', before: '[A-Za-z0-9]{52}', beforeLength: 52, after: '[A-Za-z0-9]{16,}={0,2}', source: 'https://github.com/microsoft/security-utilities', checked },
  { issuer: 'Microsoft Entra ID', signature: 'Q~', before: String.raw`[\w~.-]{3}\d`, beforeLength: 4, after: String.raw`[\w~.-]{30,}`, source: GITLEAKS, checked },
];
