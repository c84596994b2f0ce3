import type { CallProof, RecognisedCall, RequestLine, WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { knownProvider, urlOf } from '../providers.js';

/** A new conversation, one that goes on, or one that is begun again in the middle. */
const PATH = /\/conversations(?:\/[^/]+(?:\/restart)?)?$/;

/** OpenAI's conversations, which hold messages and call no model, have no inputs. */
const PROOF: CallProof = {
  header: () => false,
  body: (kindOf) => kindOf('inputs') === 'string' || kindOf('inputs') === 'list',
};

/** Mistral's Conversations, which keep the history for models and agents. */
export const mistralConversations: WireFormat = {
  name: 'mistral-conversations',
  match,
  ...lazyReading(() => require('./reading.js') as typeof import('./reading.js')),
};

function match(line: RequestLine): RecognisedCall | undefined {
  if (line.method !== 'POST' || !line.path.includes('/conversations')) return undefined;
  const url = urlOf(line);
  if (url === undefined || !PATH.test(url.pathname)) return undefined;
  const known = knownProvider(url);
  return {
    format: mistralConversations,
    operationName: 'chat',
    provider: known ?? 'mistral_ai',
    model: undefined,
    operation: undefined,
    proof: PROOF,
  };
}
