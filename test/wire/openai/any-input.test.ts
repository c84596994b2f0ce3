import { openAiChat, openAiResponses } from '../../../src/wire/recognition/openai.js';
import { takesAnything } from '../any-input.js';
import { eventsOf, recorded, recordedJson } from '../recorded.js';

const streams = (...names: readonly string[]) =>
  names
    .flatMap((name) => eventsOf(recorded(`openai-${name}.sse`)))
    .filter(([, data]) => data.startsWith('{'));

test('no input makes Chat Completions throw', () => {
  takesAnything(
    openAiChat,
    [
      recordedJson('openai-chat-request.json'),
      recordedJson('openai-chat-response.json'),
      recordedJson('openai-mistral.json'),
    ],
    streams('chat-stream', 'azure', 'openrouter', 'openrouter-error', 'mistral', 'groq', 'error'),
  );
});

test('no input makes Responses throw', () => {
  takesAnything(
    openAiResponses,
    [recordedJson('openai-responses-request.json'), recordedJson('openai-responses-response.json')],
    streams('responses-stream', 'responses-failed', 'responses-error'),
  );
});
