import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { deploymentIn, pathLength } from '../model-path.js';
import { knownProvider, providerAt, urlOf } from '../providers.js';

const CHAT = '/chat/completions';
/** Mistral's agents, which answer in the same format. */
const AGENTS = '/agents/completions';

const AGENT_PROOF: CallProof = {
  header: (name, value) => name === 'user-agent' && value.startsWith('mistral-client'),
  body: (kindOf) => kindOf('agent_id') === 'string' && kindOf('messages') === 'list',
};

/** Chat Completions, OpenAI's and everyone's who speaks it, Azure's paths by deployment included. */
export const openAiChat: WireFormat = {
  name: 'openai-chat',
  match,
  ...lazyReading(() => require('./chat-reading.js') as typeof import('./chat-reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  const { method, path } = line;
  const length = pathLength(path);
  if (method !== 'POST' || !(path.endsWith(CHAT, length) || path.endsWith(AGENTS, length))) return undefined;
  const url = urlOf(line);
  if (url === undefined) return undefined;
  const isAgent = path.endsWith(AGENTS, length);
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
