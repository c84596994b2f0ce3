import { classifyError } from '../../src/error/index.js';
import { statusInText } from '../../src/error/text.js';

test.each([
  ['status 429', 429],
  ['status code: 503', 503],
  ['status_code=502', 502],
  ['"status": 500', 500],
  ['http 504 from upstream', 504],
  ['http/1.1 502 bad gateway', 502],
  ['429 you are too fast', 429],
  ['got a 529 from there', 529],
  ['error: 503', 503],
  ['dial 127.0.0.1:503 failed', undefined],
  ['stream id 503; protocol_error', undefined],
  ['stream id 401; refused, then 503', 503],
  ['status 200', undefined],
  ['limit of 500 tokens', undefined],
  ['after 500 ms', undefined],
  ['1.429 of x', undefined],
  ['v500', undefined],
  ['https://example.com/503', undefined],
  ['418 is not among them', undefined],
])('the status of "%s" is %p', (text, status) => {
  expect(statusInText(text)).toBe(status);
});

test.each([
  ['folded', new Error('one\n\ttwo  \u0000three'), 'one two three'],
  [
    'of a body before that of the exception',
    Object.assign(new Error('outer'), { error: { message: 'inner' } }),
    'inner',
  ],
  ['of a body without an envelope', { status: 400, body: '{"message":"plain"}' }, 'plain'],
  [
    'of the chain',
    new Error('fetch failed', { cause: new Error('other side closed') }),
    'fetch failed: other side closed',
  ],
  ['of the chain, once', new Error('failed: closed', { cause: new Error('closed') }), 'failed: closed'],
  ['without the status in front', Object.assign(new Error('400 too odd'), { status: 400 }), 'too odd'],
  ['a text', 'plain', 'plain'],
  ['the title of a page', { status: 500, body: '<html><title>Oops</title><body>x' }, 'Oops'],
  ['none of a page without a title', { status: 500, body: '<html><body>x' }, undefined],
  [
    'none of a body above 64 KiB',
    { status: 400, body: JSON.stringify({ message: 'x'.repeat(65_536) }) },
    undefined,
  ],
  ['none of broken JSON', { status: 400, body: '{"message": "half' }, undefined],
  [
    'no unknown code for auth',
    { status: 401, body: { error: { message: 'the key abcdef is wrong' } } },
    undefined,
  ],
  [
    'the code for auth',
    { status: 401, body: { error: { message: 'x', code: 'invalid_api_key' } } },
    'invalid_api_key',
  ],
])('detail: %s', (_, error, detail) => {
  expect(classifyError(error).detail).toBe(detail);
});

test('a detail has at most 500 characters, all of them whole', () => {
  expect(classifyError(new Error('a'.repeat(9_000))).detail).toHaveLength(500);
  expect(classifyError(new Error(`a${'😀'.repeat(600)}`)).detail).toBe(`a${'😀'.repeat(249)}`);
});

test.each([
  ['openai', 'https://api.openai.com/v1/chat', 'OpenAI'],
  ['azure.ai.openai', 'https://mine.openai.azure.com/openai', 'Azure OpenAI'],
  ['openrouter', 'https://openrouter.ai/api', 'OpenRouter'],
  ['aws.bedrock', 'https://bedrock-runtime.eu-central-1.amazonaws.com', 'AWS Bedrock'],
  ['vercel', 'https://ai-gateway.vercel.sh', 'Vercel AI Gateway'],
  ['anthropic', 'https://api.anthropic.com/v1', 'Anthropic'],
  ['gcp.gemini', 'https://generativelanguage.googleapis.com/v1beta/models/claude', 'Google'],
])('%s by its host', (provider, url, title) => {
  expect(classifyError({ status: 529, url })).toMatchObject({
    provider,
    message: `${title} is temporarily overloaded.`,
  });
});

test.each([
  ['OpenAI-compatible server', 'openai_compatible'],
  ['Azure OpenAI says no', 'azure.ai.openai'],
  ['openrouter: anthropic/claude', 'openrouter'],
  ['claude is busy', 'anthropic'],
  ['vertex', 'gcp.gemini'],
  ['somebody', undefined],
])('"%s" is of %p', (text, provider) => {
  expect(classifyError(new Error(text)).provider).toBe(provider);
});

test('a hint takes precedence, and names the provider in messages', () => {
  const error = { status: 529, url: 'https://api.openai.com' };
  expect(classifyError(error, { provider: 'google' })).toMatchObject({
    provider: 'google',
    message: 'Google is temporarily overloaded.',
  });
  expect(classifyError(error, { provider: 'my-own' }).message).toBe('My-own is temporarily overloaded.');
  expect(classifyError(error, { provider: ' ' }).provider).toBe('openai');
});

const NOW = Date.parse('2026-11-20T12:00:00Z');

test.each([
  [{ 'retry-after': '3' }, 3_000],
  [{ 'retry-after': '0.25' }, 250],
  [{ 'retry-after-ms': '1200' }, 1_200],
  [{ 'retry-after-ms': '1200', 'retry-after': '2' }, 1_200],
  [{ 'retry-after-ms': '0', 'retry-after': '2' }, 2_000],
  [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2_000],
  [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Fri, 20 Nov 2026 11:59:59 GMT' }, undefined],
  [{ 'retry-after': '0' }, undefined],
  [{ 'retry-after': '-1' }, undefined],
  [{ 'retry-after': '1e9' }, undefined],
  [{ 'retry-after': 'later' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': '9'.repeat(400) }, undefined],
  [{}, undefined],
])('the delay of %j is %p', (headers, millis) => {
  expect(classifyError({ status: 429, headers }, { now: () => NOW }).retryAfterMillis).toBe(millis);
});
