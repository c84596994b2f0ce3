import { anthropicMessages } from './anthropic/messages.js';
import type { RecognisedCall, RequestLine, WireFormat } from './format.js';
import { geminiGenerateContent } from './gemini/generate-content.js';
import { openAiChat } from './openai/chat.js';
import { openAiResponses } from './openai/responses.js';

/** The formats this package reads, in the order in which they are asked. */
export const FORMATS: readonly WireFormat[] = [
  openAiChat,
  openAiResponses,
  anthropicMessages,
  geminiGenerateContent,
];

/**
 * Which model call a request makes, by its line alone; `undefined` for none. It is asked at every request of the
 * application, so whatever is no call to a model costs a few comparisons and no memory.
 *
 * @param formats those to look for; default: all
 */
export function recognise(
  line: RequestLine,
  formats: readonly WireFormat[] = FORMATS,
): RecognisedCall | undefined {
  if (line.method !== 'POST') return undefined;
  for (const format of formats) {
    const call = format.match(line);
    if (call !== undefined) return call;
  }
  return undefined;
}
