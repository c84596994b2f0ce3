import { CHAT, COMPLETIONS, RESPONSES } from './malformed-openai.js';
import {
  ANTHROPIC,
  CONVERSATIONS,
  CONVERSE,
  GATEWAY,
  GEMINI,
  INTERACTIONS,
  OLLAMA,
  PREDICTIONS,
} from './malformed-others.js';
import type { Fault, HttpFormatName, Malformed } from './malformed-request.js';

const invoked = ({ model: _, ...body }: Record<string, unknown>) => ({
  ...body,
  anthropic_version: 'bedrock-2023-05-31',
});

const cases = (format: HttpFormatName, list: readonly Fault[]): Malformed[] =>
  list.map(([fault, body, tells]) => ({ fault, format, body, tells }));

export const MALFORMED: readonly Malformed[] = [
  ...cases('openai-chat', CHAT),
  ...cases('anthropic-messages', ANTHROPIC),
  ...cases('openai-responses', RESPONSES),
  ...cases('gemini-generate-content', GEMINI),
  ...cases('bedrock-converse', CONVERSE),
  ...cases(
    'bedrock-invoke',
    ANTHROPIC.map(([fault, body, tells]) => [fault, invoked(body), tells]),
  ),
  ...cases('cohere-chat', CHAT.slice(0, 3)),
  ...cases('ollama', OLLAMA),
  ...cases('openai-completions', COMPLETIONS),
  ...cases('ai-gateway', GATEWAY),
  ...cases('mistral-conversations', CONVERSATIONS),
  ...cases('gemini-interactions', INTERACTIONS),
  ...cases('replicate-predictions', PREDICTIONS),
];
