import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { pathLength } from '../model-path.js';
import { providerAt, urlOf } from '../providers.js';

const PATH = '/responses';

/** A version or `openai` in front of it makes it OpenAI's; without one it may be an application's, of a survey say. */
const VERSIONED = /\/(?:v\d[\w.]*|openai)\/responses$/;

/** A poll of one response; what stands below that is no answer of the model. */
const POLL = /^(.*\/responses)\/([^/]+)$/;

/** Whose hosts need no proof. */
const HOST = /(?:^|\.)(?:openai|chatgpt)\.com$/;

/** Codex and GitHub Copilot leave the version out. */
const PROOF: CallProof = {
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

/** OpenAI's Responses, and those of others who speak it: Azure, OpenRouter, xAI, Groq, vLLM. */
export const openAiResponses: WireFormat = {
  name: 'openai-responses',
  match,
  ...lazyReading(() => require('./responses-reading.js') as typeof import('./responses-reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  if (line.method === 'GET') return matchPoll(line);
  if (line.method !== 'POST' || !line.path.endsWith(PATH, pathLength(line.path))) return undefined;
  const url = urlOf(line);
  if (url === undefined || !url.pathname.endsWith(PATH)) return undefined;
  return { ...call(url), proof: isOurs(url, url.pathname) ? undefined : PROOF };
}

/** A poll of a response, or the resumption of its stream. An id of another form may be of another API. */
function matchPoll(line: RequestLine): RecognisedCall | undefined {
  const url = line.path.includes(`${PATH}/`) ? urlOf(line) : undefined;
  const [, collection, id] = POLL.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || collection === undefined || id === undefined) return undefined;
  return {
    ...call(url),
    operation: url.searchParams.get('stream') === 'true' ? 'stream' : 'generate',
    proof: isOurs(url, collection) && id.startsWith('resp_') ? undefined : PROOF,
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
