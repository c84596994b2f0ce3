import type { WireFormat } from '../../../src/wire/format.js';
import { openAiChat } from '../../../src/wire/openai/chat.js';
import { openAiResponses } from '../../../src/wire/openai/responses.js';
import { StreamScan } from '../../../src/wire/stream/stream-scan.js';
import { recorded } from '../recorded.js';

/** What the scan of a stream that is not parsed finds. */
function found({ signs }: WireFormat, stream: string): { failed: boolean; terminated: boolean } {
  const scan = new StreamScan(signs);
  scan.add(Buffer.from(stream));
  return { failed: scan.failed, terminated: scan.terminated };
}

const formatOf = (name: string) => (name.startsWith('responses') ? openAiResponses : openAiChat);

/** The ways in which servers write the same stream. */
const SPELLINGS: readonly (readonly [string, (stream: string) => string])[] = [
  ['as it comes', (stream) => stream],
  ['without event fields', (stream) => stream.replace(/^event:.*\n/gm, '')],
  ['without spaces behind the names of fields', (stream) => stream.replace(/^(event|data): /gm, '$1:')],
  ['with CRLF', (stream) => stream.replaceAll('\n', '\r\n')],
  [
    'with spaces in its JSON',
    (stream) => stream.replace(/^data: (\{.*)$/gm, (_, data: string) => `data: ${spaced(JSON.parse(data))}`),
  ],
];

function spaced(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`);
  return `{${members.join(', ')}}`;
}

const HEALTHY = [
  'chat-stream',
  'refusal',
  'azure',
  'openrouter',
  'groq',
  'mistral',
  'deepseek',
  'xai',
  'ollama',
  'vllm',
  'responses-stream',
  'responses-incomplete',
  'responses-refusal',
];

describe.each(SPELLINGS)('a stream %s', (_, spelling) => {
  const read = (name: string) => spelling(recorded(`openai-${name}.sse`));

  test.each(HEALTHY)('%s has no sign of an error, and the sign of its end', (name) => {
    expect(found(formatOf(name), read(name))).toEqual({ failed: false, terminated: true });
  });

  test.each(HEALTHY)('%s has no sign of its end before it', (name) => {
    const stream = read(name);
    const end = stream.search(
      /"finish_reason": ?"|(?:event: ?|"type": ?")response\.(?:completed|incomplete)/,
    );
    const healthy = { failed: false, terminated: false };
    expect(found(formatOf(name), stream.slice(0, end))).toEqual(healthy);
  });

  test.each([
    ['error', false],
    ['openrouter-error', true],
    ['vllm-error', true],
    ['responses-error', false],
    ['responses-failed', true],
  ])('%s has the sign of an error', (name, terminated) => {
    expect(found(formatOf(name), read(name))).toEqual({ failed: true, terminated });
  });
});

test.each([
  ['text', 'data: {"error":"Overloaded"}\n\n'],
  ['event', 'event: error\ndata: gone\n\n'],
])('an error at once, told by its %s', (_, stream) => {
  expect(found(openAiChat, stream).failed).toBe(true);
});

test.each([openAiChat, openAiResponses])('no sign of $name can stand in a JSON text', ({ signs }) => {
  for (const sign of [...signs.error, ...signs.terminal]) {
    expect(JSON.stringify({ text: `\n${sign}\n` })).not.toContain(sign);
  }
});
