import {
  type CallProof,
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  type WireFormat,
} from '../format.js';
import { deploymentIn, knownProvider, postUrl, providerAt, urlOf } from './providers.js';

const RESPONSES_PATH = '/responses';

/**
 * With a version or `openai` in the path no proof is needed. Otherwise `/responses` may be another API, such as a
 * survey's.
 */
const VERSIONED = /\/(?:v\d[\w.]*|openai)\/responses$/;

/** A poll of a response. Paths below it are not answers. */
const POLL = /^(.*\/responses)\/([^/]+)$/;

const HOST = /(?:^|\.)(?:openai|chatgpt)\.com$/;

/** Codex and GitHub Copilot omit the version. */
const RESPONSES_PROOF: CallProof = {
  header: (name, value) =>
    name.startsWith('openai-') ||
    name === 'originator' ||
    name === 'chatgpt-account-id' ||
    (name === 'user-agent' && /\bOpenAI\//.test(value)),
  body: (kindOf) =>
    kindOf('prompt') === 'object' ||
    (kindOf('input') !== undefined &&
      (kindOf('model') === 'string' || kindOf('previous_response_id') === 'string')),
};

/** OpenAI's Responses API, also of Azure, OpenRouter, xAI, Groq and vLLM. */
export const openAiResponses: WireFormat = {
  name: 'openai-responses',
  isPolled: true,
  match: matchResponses,
  ...lazyReading(
    () => require('../reading/openai-responses.js') as typeof import('../reading/openai-responses.js'),
  ),
};

function matchResponses(line: RequestLine): RecognisedCall | undefined {
  if (line.method === 'GET') return matchPoll(line);
  const url = postUrl(line, RESPONSES_PATH);
  return url && { ...call(url), proof: isOurs(url, url.pathname) ? undefined : RESPONSES_PROOF };
}

/** Recognises a poll of a response or a resumed stream. An id in another form may belong to another API. */
function matchPoll(line: RequestLine): RecognisedCall | undefined {
  const url = line.path.includes(`${RESPONSES_PATH}/`) ? urlOf(line) : undefined;
  const [, collection, id] = POLL.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || collection === undefined || id === undefined) return undefined;
  return {
    ...call(url),
    operation: url.searchParams.get('stream') === 'true' ? 'stream' : 'generate',
    proof: isOurs(url, collection) && id.startsWith('resp_') ? undefined : RESPONSES_PROOF,
    responseId: id,
  };
}

function call(url: URL): RecognisedCall {
  return {
    format: openAiResponses,
    operationName: 'chat',
    provider: providerAt(url),
    model: undefined,
    operation: undefined,
  };
}

function isOurs({ hostname }: URL, path: string): boolean {
  return VERSIONED.test(path) || HOST.test(hostname);
}

const COMPLETIONS_PATH = '/completions';
/** Mistral's fill-in-the-middle endpoint. */
const FIM = '/fim/completions';
/** Paths of another format with the same suffix. */
const OTHER_COMPLETIONS = /\/(?:chat|agents)\/completions$/;

const COMPLETIONS_PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && /\bOpenAI\/|^mistral-client/.test(value),
  body: (kindOf) =>
    kindOf('model') === 'string' && (kindOf('prompt') === 'string' || kindOf('prompt') === 'list'),
};

/** OpenAI's legacy Completions API, used for base models and code completion by vLLM, DeepSeek and Mistral's FIM. */
export const openAiCompletions: WireFormat = {
  name: 'openai-completions',
  match: matchCompletions,
  ...lazyReading(
    () => (require('../reading/openai-chat.js') as typeof import('../reading/openai-chat.js')).completions,
  ),
};

function matchCompletions(line: RequestLine): RecognisedCall | undefined {
  const url = postUrl(line, COMPLETIONS_PATH);
  if (url === undefined || OTHER_COMPLETIONS.test(url.pathname)) return undefined;
  const model = deploymentIn(url);
  const known = knownProvider(url);
  const isKnown = model !== undefined || known !== undefined;
  return {
    format: openAiCompletions,
    operationName: 'text_completion',
    provider: url.pathname.endsWith(FIM) ? (known ?? 'mistral_ai') : providerAt(url),
    model,
    operation: undefined,
    proof: isKnown ? undefined : COMPLETIONS_PROOF,
  };
}

const CHAT = '/chat/completions';
/** Mistral's agents, with the same response format. */
const AGENTS = '/agents/completions';

const AGENT_PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('mistral-client'),
  body: (kindOf) => kindOf('agent_id') === 'string' && kindOf('messages') === 'list',
};

/** OpenAI's Chat Completions API and compatible ones, including Azure's deployment paths. */
export const openAiChat: WireFormat = {
  name: 'openai-chat',
  match: matchChat,
  ...lazyReading(() => require('../reading/openai-chat.js') as typeof import('../reading/openai-chat.js')),
};

function matchChat(line: RequestLine): RecognisedCall | undefined {
  const url = postUrl(line, CHAT) ?? postUrl(line, AGENTS);
  if (url === undefined) return undefined;
  const isAgent = url.pathname.endsWith(AGENTS);
  const known = knownProvider(url);
  return {
    format: openAiChat,
    operationName: 'chat',
    provider: isAgent ? (known ?? 'mistral_ai') : providerAt(url),
    model: deploymentIn(url),
    operation: undefined,
    ...(isAgent && known !== 'mistral_ai' && { proof: AGENT_PROOF }),
  };
}
