import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { deploymentIn, pathLength } from '../model-path.js';
import { knownProvider, providerAt, urlOf } from '../providers.js';

const PATH = '/completions';
/** Mistral's way to fill in the middle. */
const FIM = '/fim/completions';
/** Of another format, at a path with the same end. */
const CHAT = /\/(?:chat|agents)\/completions$/;

const PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && /\bOpenAI\/|^mistral-client/.test(value),
  body: (kindOf) =>
    kindOf('model') === 'string' && (kindOf('prompt') === 'string' || kindOf('prompt') === 'list'),
};

/** OpenAI's older Completions, which serve base models and code completion: vLLM, DeepSeek, Mistral's FIM. */
export const openAiCompletions: WireFormat = {
  name: 'openai-completions',
  match,
  ...lazyReading(() => require('./completions-reading.js') as typeof import('./completions-reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  const { method, path } = line;
  const length = pathLength(path);
  if (method !== 'POST' || !path.endsWith(PATH, length) || CHAT.test(path.slice(0, length))) return undefined;
  const url = urlOf(line);
  if (!url?.pathname.endsWith(PATH)) return undefined;
  const model = deploymentIn(url);
  const known = knownProvider(url);
  const isKnown = model !== undefined || known !== undefined;
  return {
    format: openAiCompletions,
    operationName: 'text_completion',
    provider: url.pathname.endsWith(FIM) ? (known ?? 'mistral_ai') : providerAt(url),
    model,
    operation: undefined,
    proof: isKnown ? undefined : PROOF,
  };
}
