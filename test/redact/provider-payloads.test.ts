import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyRedactor } from '../../src/redact/body';

const redact = bodyRedactor();
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.ndjson': 'application/x-ndjson',
  '.sse': 'text/event-stream',
};
const FOLDER = join(__dirname, '../fixtures/wire');

test.each(readdirSync(FOLDER))('%s loses its files and the key of a tool only', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const expected = text
    .replaceAll(/("authorization": ?)"kept out"/g, '$1"[REDACTED]"')
    .replaceAll(/data:([\w/]+);base64,([\w+/=]+)/g, (_, type, data) => `[${type}, ${bytesOf(data)} bytes]`);
  const contentType = CONTENT_TYPES[name.slice(name.lastIndexOf('.'))];
  expect(redact({ text, contentType, truncated: false })).toBe(expected);
  expect(redact({ text, contentType: 'text/plain', truncated: false })).toBe(expected);
});

const bytesOf = (base64: string) => Buffer.from(base64, 'base64').length;

const USAGE =
  '{"usage":{"prompt_tokens":19,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"total_tokens":9007199254740993},' +
  '"max_completion_tokens":5,"logit_bias":{"50256":-100},"cache_creation_input_tokens":1,"thoughtsTokenCount":2,' +
  '"promptTokensDetails":[{"modality":"TEXT","tokenCount":1}],"tokens":[1,2],"anthropic-ratelimit-tokens-limit":"40000",' +
  '"key":"value","code":"rate_limit_exceeded","auth":false,"temperature":1.0,"nextPageToken":"abc"}';

test('usage, limits and numbers beyond 2^53 stay', () => {
  expect(redact({ text: USAGE, contentType: 'application/json', truncated: false })).toBe(USAGE);
});

test('secrets in requests to providers and in their responses', () => {
  const body = (secret: string, call: string) => ({
    tools: [{ type: 'mcp', server_url: 'https://mcp.example', authorization: secret }],
    client_secret: secret,
    messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'login', arguments: call } }] }],
    input: [{ type: 'function_call_output', output: call }],
  });
  const call = (password: string) => JSON.stringify({ user: 'me', password });
  const text = JSON.stringify(body('ek_1', call('hunter2')));
  expect(redact({ text, contentType: 'application/json', truncated: false })).toBe(
    JSON.stringify(body('[REDACTED]', call('[REDACTED]'))),
  );
});
