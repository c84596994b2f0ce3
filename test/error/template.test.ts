import { InvalidResponseDataError, JSONParseError, TypeValidationError } from '@ai-sdk/provider';
import { InvalidToolInputError, NoSuchToolError, ToolCallRepairError } from 'ai';
import { z } from 'zod';
import { templateOf } from '../../src/error/index';
import fc, { runs } from '../support/property.js';

function thrown(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const parseError = thrown(() => JSON.parse('Sure! PRIVATE "words" PRIVATE'));
const zodError = thrown(() => z.strictObject({ a: z.number() }).parse({ a: 'PRIVATE', PRIVATE_key: 1 }));

test.each<[error: Error, template: string]>([
  [parseError, 'Unexpected token […N characters] is not valid JSON'],
  [
    new JSONParseError({ text: 'Sure! "PRIVATE" words.', cause: parseError }),
    'JSON parsing failed: Text: […N characters]',
  ],
  [
    new TypeValidationError({ value: { a: 'PRIVATE' }, cause: zodError }),
    'Type validation failed: Value: […N characters]',
  ],
  [
    new TypeValidationError({ value: 'PRIVATE', cause: zodError, context: { field: 'messages[0].content' } }),
    'Type validation failed for messages[0].content: Value: […N characters]',
  ],
  [
    new InvalidToolInputError({ toolName: 'weather', toolInput: '{"PRIVATE', cause: parseError }),
    'Invalid input for tool weather: […N characters]',
  ],
  [
    new ToolCallRepairError({
      cause: new Error('PRIVATE'),
      originalError: new NoSuchToolError({ toolName: 'x' }),
    }),
    'Error repairing tool call: […N characters]',
  ],
  [new InvalidResponseDataError({ data: { x: 'PRIVATE' } }), 'Invalid response data: […N characters].'],
  [
    new NoSuchToolError({ toolName: 'PRIVATE words', availableTools: ['weather'] }),
    'Model tried to call unavailable tool […N characters]. Available tools: weather.',
  ],
])('%s', ({ message }, template) => {
  // How much of a text V8 quotes depends on its version.
  expect(templateOf(message).replace(/\d+ characters/g, 'N characters')).toBe(template);
});

test("zod's issues are JSON, which is removed", () => {
  expect(templateOf(zodError.message)).toMatch(/^\[…\d+ characters\]$/);
});

test.each([
  "Invalid value: 'xyz'. Supported values are: 'low', 'medium', and 'x-high'.",
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01',
  'The model `gpt-9` does not exist or you do not have access to it.',
  "Invalid type for 'messages[0].content[1].text': expected a string, but got null instead.",
  "Cannot read properties of undefined (reading 'maxTokens')",
  "The server's answer wasn't whole; the users' data isn't lost",
  'connect ECONNREFUSED 127.0.0.1:11434',
])('stays unchanged: %s', (text) => {
  expect(templateOf(text)).toBe(text);
});

test.each([
  ["Refused: 'I can't say \"PRIVATE\" here', sorry", 'Refused: […28 characters], sorry'],
  [
    'Refused: “PRIVATE words”, „PRIVATE“, «PRIVATE»',
    'Refused: […15 characters], […9 characters], […9 characters]',
  ],
  ['Refused: "Hello"', 'Refused: […7 characters]'],
  ["The model's answer: 'it's PRIVATE'", "The model's answer: […14 characters]"],
  ['Unclosed "PRIVATE words', 'Unclosed […14 characters]'],
  ['400 {"error":{"message":"PRIVATE"}} at once', '400 […31 characters] at once'],
  ['400 {"error":{"a":{}},"message":"PRIVATE and cu', '400 […43 characters]'],
  ['Failed to parse input at pos 0: PRIVATE words', 'Failed to parse input at pos 0: […13 characters]'],
  ['Unrecognized key: "private_key_of_me"', 'Unrecognized key: […19 characters]'],
  [`${'a'.repeat(280)} ${'b'.repeat(280)}`, `${'a'.repeat(276)}[…285 characters]`],
])('%s', (text, template) => {
  expect(templateOf(text)).toBe(template);
});

test('no quoted word is left, and a template is its own template', () => {
  const quotes = fc.constantFrom(...([`""`, `''`, '``', '“”', '„“', '«»'] as const));
  const content = fc
    .array(fc.constantFrom('PRIVATE', "can't", '"', "'", '`', '\n', '{', '}', 'the', '_'), { maxLength: 8 })
    .map((words) => `PRIVATE ${words.join(' ')} PRIVATE`);
  const before = fc.constantFrom('', 'Invalid: ', "the user's ", 'Value ', "use 'max_tokens' not ");
  fc.assert(
    fc.property(before, quotes, content, fc.boolean(), (words, [open = '', close = ''], quoted, cut) => {
      const template = templateOf(
        words + open + quoted + (cut ? ` ${'cut '.repeat(99)}` : `${close} was refused`),
      );
      expect(template).not.toContain('PRIVATE');
      expect(templateOf(template)).toBe(template);
    }),
    { numRuns: runs(2_000) },
  );
});

test('a quotation of a name without an end', () => {
  expect(templateOf('"abcd')).toBe('[…5 characters]');
  expect(templateOf('no "abcd')).toBe('no […5 characters]');
});
