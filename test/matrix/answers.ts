import { anthropicError, message, messageStream } from '../support/anthropic-replies.js';
import { content, contentStream, geminiError } from '../support/gemini-replies.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { ReceivedRequest, Reply, Route } from '../support/provider.js';

const TEXT = 'Take an umbrella.';
const SOON = { 'retry-after-ms': '1' };
const PROBLEM = 'The server had an error';

/** Each format's whole answer, stream and error of a kind that is kept, by what its path holds. */
const FORMATS: readonly { path: string; whole: Reply; stream: Reply; failed: Reply }[] = [
  {
    path: '/chat/completions',
    whole: completion(TEXT),
    stream: completionStream(TEXT),
    failed: openaiError(500, null, 'server_error', PROBLEM, SOON),
  },
  {
    path: '/v1/messages',
    whole: message(TEXT),
    stream: messageStream(TEXT),
    failed: anthropicError(500, 'api_error', PROBLEM, SOON),
  },
  {
    path: ':generateContent',
    whole: content(TEXT),
    stream: contentStream(TEXT),
    failed: geminiError(500, 'INTERNAL', PROBLEM),
  },
  {
    path: ':streamGenerateContent',
    whole: content(TEXT),
    stream: contentStream(TEXT),
    failed: geminiError(500, 'INTERNAL', PROBLEM),
  },
];

/** Answers by the prompt's one word: `failing` fails always, `rescued` the first time if the client tries again. */
export function answers(retries: boolean): Route {
  let rescues = 0;
  return ({ path, body }: ReceivedRequest) => {
    const format = FORMATS.find((candidate) => path.includes(candidate.path));
    if (format === undefined) return undefined;
    const text = body.toString();
    if (text.includes('failing')) return format.failed;
    if (text.includes('rescued') && retries && rescues++ === 0) return format.failed;
    return path.includes(':stream') || text.includes('"stream":true') ? format.stream : format.whole;
  };
}
