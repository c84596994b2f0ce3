import { createOpenAI } from '@ai-sdk/openai';
import { generateText, Output, tool } from 'ai';
import OpenAI from 'openai';
import { z } from 'zod';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
const start = async (options: ChatDebugOptions = {}) => {
  recording = await startRecording({ capture: 'errors', ...options });
};
afterEach(() => recording.stop());

const PROMPT = 'PRIVATE words of the user';
const model = () => createOpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` }).chat('m');
const city = z.strictObject({ city: z.string() });
const weather = tool({ inputSchema: city, execute: () => 'sunny' });

const ask = () => generateText({ model: model(), prompt: PROMPT, maxRetries: 0 });
const askForObject = () =>
  generateText({
    model: model(),
    prompt: PROMPT,
    maxRetries: 0,
    output: Output.object({ schema: city }),
  }).then(({ output }) => output);
const callsTool = (args: string) =>
  completion('', { toolCalls: [{ id: 'call_1', name: 'weather', arguments: args }] });

/** Runs one failing step, and returns the received error texts and bytes. */
async function failing(call: () => PromiseLike<unknown>, ...replies: Reply[]) {
  recording.provider.reply(...replies);
  const ended = withRun({ chatId: 'c' }, () => withStep({}, async () => void (await call())));
  await expect(ended).rejects.toThrow();
  await recording.stop();
  const [span] = recording.receiver.spans;
  const exception = span?.events.find(({ name }) => name === 'exception')?.attributes;
  return {
    detail: span?.attributes['chatdebug.error.detail'],
    message: exception?.['exception.message'],
    stack: exception?.['exception.stacktrace'],
    status: span?.status.message,
    sent: String(recording.receiver.bodies),
  };
}

/** Errors of the AI SDK, zod and JSON.parse for a response that contain words of the model. */
const CALLS: readonly (readonly [
  name: string,
  call: () => PromiseLike<unknown>,
  detail: RegExp,
  ...Reply[],
])[] = [
  [
    'a response that is not JSON (AI_NoObjectGeneratedError)',
    askForObject,
    /^No object generated: could not parse the response\.: JSON parsing failed: Text: \[…\d+ characters\]/,
    completion('Sure! Here are PRIVATE words: {"city": "PRIVATE'),
  ],
  [
    'a response of another shape (AI_TypeValidationError, zod)',
    askForObject,
    /^Invalid input: expected string, received object$/,
    completion('{"city":{"PRIVATE":"PRIVATE"},"PRIVATE_key":1}'),
  ],
  [
    'a response that only zod refuses',
    async () => city.parse({ city: 1, PRIVATE_key: 'PRIVATE' }),
    /^Invalid input: expected string, received number$/,
  ],
  [
    'JSON.parse',
    async () => JSON.parse('PRIVATE "words" of the PRIVATE model'),
    /^Unexpected token \[…\d+ characters\] is not valid JSON$/,
  ],
  [
    'tool input that is refused (AI_InvalidToolInputError)',
    async () => {
      const { toolCalls } = await generateText({
        model: model(),
        prompt: PROMPT,
        maxRetries: 0,
        tools: { weather },
      });
      for (const call of toolCalls) if (call.invalid) throw call.error;
    },
    /^Invalid input for tool weather: \[…\d+ characters\]/,
    callsTool('{"city": PRIVATE words'),
  ],
  [
    'a tool that there is not (AI_NoSuchToolError)',
    async () => {
      const { toolCalls } = await generateText({
        model: model(),
        prompt: PROMPT,
        maxRetries: 0,
        tools: { other: weather },
      });
      for (const call of toolCalls) if (call.invalid) throw call.error;
    },
    /^Model tried to call unavailable tool 'weather'\. Available tools: other\.$/,
    callsTool('{"city":"PRIVATE"}'),
  ],
  [
    'an invalid prompt (AI_InvalidPromptError)',
    () =>
      generateText({
        model: model(),
        messages: [{ role: 'user', content: { PRIVATE: 'PRIVATE' } as unknown as string }],
      }),
    /^Invalid input$/,
  ],
  [
    'a provider that quotes the prompt',
    ask,
    /^Your message \[…\d+ characters\] could not be processed\.$/,
    openaiError(500, null, 'server_error', `Your message '${PROMPT}, "isn't it"' could not be processed.`),
  ],
  [
    'a provider that names a parameter',
    () =>
      new OpenAI({
        apiKey: 'none',
        baseURL: `${recording.provider.url}/v1`,
        maxRetries: 0,
      }).chat.completions.create({
        model: 'm',
        messages: [{ role: 'user', content: PROMPT }],
      }),
    /^Unsupported parameter: 'max_tokens' is not supported\. Use 'max_completion_tokens' instead\.$/,
    openaiError(
      400,
      null,
      'odd',
      "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
    ),
  ],
];

const cases = CALLS.map(([name, call, detail, ...replies]) => ({ name, call, detail, replies }));
test.each(cases)('in errors mode no words of user or model: $name', async ({ call, detail, replies }) => {
  await start();
  const written = await failing(call, ...replies);
  expect(written.detail).toMatch(detail);
  expect(written.message).toBe(written.detail);
  expect(written.status?.startsWith(`generic: ${String(written.detail).slice(0, 100)}`)).toBe(true);
  expect(written.stack).toMatch(/^ {4}at /);
  expect(written.sent).not.toMatch(/PRIVATE|isn't it/);
});

const quoting = async () => {
  throw new Error("The model said 'PRIVATE words', with sk-proj-0123456789abcdef0123");
};

test.each([
  [{ errorText: 'full' }, "The model said 'PRIVATE words', with [REDACTED]"],
  [{ capture: 'full' }, "The model said 'PRIVATE words', with [REDACTED]"],
  [{ capture: 'full', errorText: 'none' }, "The model said 'PRIVATE words', with [REDACTED]"],
  [{ errorText: 'template' }, 'The model said […15 characters], with [REDACTED]'],
] satisfies [ChatDebugOptions, string][])('%j', async (options, text) => {
  await start(options);
  const written = await failing(quoting);
  expect(written).toMatchObject({ detail: text, message: text, status: `generic: ${text}` });
});

test("errorText: 'none' removes the texts, and keeps class and frames", async () => {
  await start({ errorText: 'none' });
  const written = await failing(quoting);
  expect(written).toMatchObject({ detail: undefined, message: undefined, status: 'generic' });
  expect(written.stack).toMatch(/^ {4}at .*error-text/);
  expect(written.sent).not.toContain('model said');
});

test('a message changed after the error was created is not written with its stack', async () => {
  await start();
  const error = new Error('PRIVATE\n    PRIVATE at noon');
  error.message = 'Later';
  const { stack, sent } = await failing(async () => {
    throw error;
  });
  expect(stack).toMatch(/^ {4}at /);
  expect(sent).not.toContain('PRIVATE');
});
