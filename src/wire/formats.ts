import { aiGateway } from './ai-sdk/gateway.js';
import { anthropicMessages } from './anthropic/messages.js';
import { bedrockConverse } from './bedrock/converse.js';
import { bedrockInvoke } from './bedrock/invoke.js';
import { cohereChat } from './cohere/chat.js';
import type { RecognisedCall, RequestLine, WireFormat } from './format.js';
import { geminiGenerateContent } from './gemini/generate-content.js';
import { mistralConversations } from './mistral/conversations.js';
import { withoutExtraSlashes } from './model-path.js';
import { ollama } from './ollama/ollama.js';
import { openAiChat } from './openai/chat.js';
import { openAiCompletions } from './openai/completions.js';
import { openAiResponses } from './openai/responses.js';

/** The formats this package reads, in the order in which they are asked. */
export const FORMATS: readonly WireFormat[] = [
  openAiChat,
  openAiResponses,
  openAiCompletions,
  anthropicMessages,
  geminiGenerateContent,
  bedrockConverse,
  bedrockInvoke,
  cohereChat,
  ollama,
  mistralConversations,
  aiGateway,
];

/** Most calls go where the one before went. */
let last: { readonly origin: string; readonly path: string; readonly call: RecognisedCall } | undefined;

/**
 * Which model call a request makes, by its line; `undefined` for none. A call with a `proof` is one only if that holds.
 * It is asked at every request of the application, so whatever is no call to a model costs a few comparisons and no
 * memory.
 */
export function recognise(line: RequestLine): RecognisedCall | undefined {
  const { method, origin, path } = line;
  if (method === 'GET') return path.includes('/responses/') ? matchAny(line) : undefined;
  if (method !== 'POST') return undefined;
  if (path === last?.path && origin === last.origin) return last.call;
  const call = matchAny(line);
  if (call !== undefined) last = { origin, path, call };
  return call;
}

function matchAny(line: RequestLine): RecognisedCall | undefined {
  const path = withoutExtraSlashes(line.path);
  const plain = path === line.path ? line : { ...line, path };
  for (const format of FORMATS) {
    const call = format.match(plain);
    if (call !== undefined) return call;
  }
  return undefined;
}
