import { redactAround, type Secret } from './marked.js';
import { redactSchemes } from './schemes.js';

/**
 * A key starts where no letter or digit precedes it ("task-force" holds no `sk-`); one in front of it may
 * still be the end of an escape, `%20` or `\n`.
 */
const ESCAPE = String.raw`(?<=%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})`;
const START = `(?:(?<![A-Za-z0-9])|${ESCAPE})`;

/** What providers put in the middle of a key they quote back: `sk-abc***xyz`, `sk-...wxyz`. */
const MASK = String.raw`(?:(?:\*{2,}|\.{3,}|…)[\w-]*)`;

/** After `sk-`: an unbroken run, or characters that no words in a row have, or few of them and a mask. */
const SK = [
  String.raw`(?:(?=(?:[a-z0-9]{1,12}-){0,2}[A-Za-z0-9]{16}|[a-z_-]{0,40}[0-9A-Z])[\w-]{16,}`,
  String.raw`(?=[\w-]{0,15}\d)[\w-]{8,}`,
  String.raw`[\w-]{0,15}(?=\*\*|\.\.\.|…))${MASK}*`,
].join('|');

/**
 * The shapes: how keys begin, and how they go on, which is to the end of the run of letters and digits they are
 * part of, so that what is left never begins in the middle of a word. A pattern that fails has looked at a fixed
 * number of characters, or at a run that no other one looks at: that keeps all of it linear.
 */
const SHAPES: readonly (readonly [begin: string, rest: string, whose: string])[] = [
  ['sk-', SK, 'OpenAI, Anthropic, OpenRouter'],
  ['ek_', '[A-Za-z0-9]{16,}', 'OpenAI, for one session'],
  ['AIza', String.raw`[\w-]{12,}${MASK}*`, 'Google'],
  ['AQ.', String.raw`[\w-]{30,}`, 'Google'],
  ['ya29.', String.raw`[\w.-]{20,}`, 'Google OAuth'],
  ['GOCSPX-', String.raw`[\w-]{12,}`, 'Google OAuth'],
  ['AKIA', '[A-Z0-9]{12,}[A-Za-z0-9]*', 'AWS key id'],
  ['ASIA', '[A-Z0-9]{12,}[A-Za-z0-9]*', 'AWS key id, for some hours'],
  ['IQoJ', String.raw`b3JpZ2lu[\w+/=%-]{12,}`, 'AWS session'],
  ['FwoG', String.raw`ZXIvYXdz[\w+/=%-]{12,}`, 'AWS session'],
  ['FQoG', String.raw`ZXIvYXdz[\w+/=%-]{12,}`, 'AWS session'],
  ['ABSK', String.raw`[\w+/=-]{40,}`, 'AWS Bedrock'],
  ['bedrock-api-key-', String.raw`[\w+/=-]{12,}`, 'AWS Bedrock, for some hours'],
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((begin) => [begin, '[A-Za-z0-9]{16,}', 'GitHub'] as const),
  ['github_pat_', String.raw`\w{16,}`, 'GitHub'],
  ...['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-'].map(
    (begin) => [begin, String.raw`[\w-]{16,}`, 'GitLab'] as const,
  ),
  ['xox', String.raw`[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}`, 'Slack'],
  ['xapp-', '[A-Za-z0-9-]{10,}', 'Slack'],
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'pk_live_'].map(
    (begin) => [begin, '[A-Za-z0-9]{8,}', 'Stripe'] as const,
  ),
  ['whsec_', '[A-Za-z0-9+/=]{16,}', 'Stripe'],
  ['npm_', '[A-Za-z0-9]{30,}', 'npm'],
  ['hf_', '[A-Za-z0-9]{20,}', 'Hugging Face'],
  ['r8_', '[A-Za-z0-9]{20,}', 'Replicate'],
  ['gsk_', '[A-Za-z0-9]{20,}', 'Groq'],
  ['csk-', '[A-Za-z0-9]{20,}', 'Cerebras'],
  ['xai-', '[A-Za-z0-9]{20,}', 'xAI'],
  ['pplx-', '[A-Za-z0-9]{20,}', 'Perplexity'],
  ['SG.', String.raw`[\w-]{16,}\.[\w-]{16,}`, 'SendGrid'],
];

/** One place to look: a rare character that many shapes share, or the beginning of one that has none. */
interface Mark {
  readonly text: string;
  /** The characters that can stand before the mark in a key, by code; none where it begins the key. */
  readonly before: Uint8Array | undefined;
  /** Sticky, at the mark; captures what of the key stands before it. */
  readonly key: RegExp;
}

const MARKS: readonly Mark[] = ['-', '_', ''].flatMap((shared) => {
  const shapes = SHAPES.filter(([begin]) => (/[-_]$/.exec(begin)?.[0] ?? '') === shared);
  return shared === '' ? shapes.map((shape) => markOf(shape[0], [shape])) : [markOf(shared, shapes)];
});

function markOf(text: string, shapes: typeof SHAPES): Mark {
  const leads = shapes.map(([begin]) => begin.slice(0, -text.length));
  const rests = shapes.map(([begin, rest]) => `(?<=${literal(begin)})${rest}`);
  return {
    text,
    before: leads.includes('') ? undefined : lastCharacters(leads),
    key: new RegExp(`(?<=${START}(${leads.join('|')}))${literal(text)}(?:${rests.join('|')})`, 'y'),
  };
}

function lastCharacters(leads: readonly string[]): Uint8Array {
  const table = new Uint8Array(128);
  for (const lead of leads) table[lead.charCodeAt(lead.length - 1)] = 1;
  return table;
}

function literal(text: string): string {
  return text.replaceAll('.', String.raw`\.`);
}

function keyAt({ key, before }: Mark, text: string, at: number): Secret | undefined {
  // Nearly every dash is passed over here.
  if (before !== undefined && before[text.charCodeAt(at - 1)] !== 1) return undefined;
  key.lastIndex = at;
  const lead = key.exec(text)?.[1];
  return lead === undefined ? undefined : { begin: at - lead.length, end: key.lastIndex };
}

/** A header and a payload at least; `eyJ…` without a dot is any JSON in base64. Only at the start of such a run. */
const JWT = new RegExp(String.raw`(?<=(?:(?<![\w-])|${ESCAPE})e)yJ[\w-]{8,}\.[\w.-]*`, 'y');

/** Up to a quotation mark and what escapes it, so that JSON stays JSON, unless it is one of `"…" + "…"` in code. */
const PEM_BODY = String.raw`(?:[^"\\]|\\(?!\\{0,16}")|"\s{0,40}\+\s{0,40}")`;

/** The end is missing where the text was cut. */
const PEM = new RegExp(
  [
    '(?<=-----)BEGIN(?:[ +]|%20)(?:[A-Z0-9]{1,20}(?:[ +]|%20)){0,3}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)?-----',
    `(?:${PEM_BODY}*?-----END[A-Z0-9 +%]{0,60}-----|${PEM_BODY}*)`,
  ].join(''),
  'y',
);

/** Any other key that a provider quotes back with its middle masked. */
const MASKED = /(?<=(?<![\w-])([\w-]{1,64}))\*{4,}[\w*-]*/y;

/**
 * Takes a text and gives it back with every well-known shape of a key, token or private key replaced by
 * `[REDACTED]`; the same text where there is none. What follows the word `Bearer` or `Basic` goes, the word stays.
 */
export function redactShapes(text: string): string {
  // A private key first: it is the one secret with white space in it, and others may stand inside.
  let result = redactAround(text, 'BEGIN', (all, at) => matchAt(PEM, all, at, '-----'.length));
  result = redactAround(result, 'yJ', (all, at) => matchAt(JWT, all, at, 'e'.length));
  result = redactSchemes(result);
  for (const mark of MARKS) result = redactAround(result, mark.text, (all, at) => keyAt(mark, all, at));
  return redactAround(result, '****', maskedAt);
}

function matchAt(pattern: RegExp, text: string, at: number, before: number): Secret | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? { begin: at - before, end: pattern.lastIndex } : undefined;
}

function maskedAt(text: string, at: number): Secret | undefined {
  MASKED.lastIndex = at;
  const shown = MASKED.exec(text)?.[1];
  return shown === undefined ? undefined : { begin: at - shown.length, end: MASKED.lastIndex };
}
