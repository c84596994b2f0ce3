import { anthropicMessages } from '../../../src/wire/recognition/anthropic-bedrock.js';

const match = (path: string, method = 'POST', origin = 'https://api.anthropic.com') =>
  anthropicMessages.match({ method, origin, path });

const messages = { provider: 'anthropic', model: undefined, operation: undefined };

const VERTEX = '/v1/projects/p/locations/us-east5/publishers/anthropic/models';

test.each([
  ['/v1/messages', messages],
  ['/v1/messages?beta=true', messages],
  ['/v1/messages?next=/v1/models', messages],
  ['/gateway/anthropic/v1/messages', messages],
  ['https://api.anthropic.com/v1/messages?beta=true', messages],
  [
    `${VERTEX}/claude-sonnet-4-5@20250929:rawPredict`,
    { provider: 'gcp.vertex_ai', model: 'claude-sonnet-4-5@20250929', operation: 'generate' },
  ],
  [
    `https://us-east5-aiplatform.googleapis.com${VERTEX}/claude-opus-4-1%4020250805:streamRawPredict?alt=sse`,
    { provider: 'gcp.vertex_ai', model: 'claude-opus-4-1@20250805', operation: 'stream' },
  ],
  [`${VERTEX}/100%:rawPredict`, { provider: 'gcp.vertex_ai', model: '100%', operation: 'generate' }],
])('%s is a call', (path, expected) => {
  expect(match(path)).toEqual({ format: anthropicMessages, operationName: 'chat', ...expected });
});

test.each([
  ['https://api.deepseek.com', '/anthropic/v1/messages', 'deepseek'],
  ['https://api.moonshot.ai', '/anthropic/v1/messages', 'moonshot_ai'],
  ['https://openrouter.ai', '/api/v1/messages', 'openrouter'],
  ['http://localhost:11434', '/v1/messages', 'ollama'],
  ['https://a.services.ai.azure.com', '/anthropic/v1/messages', 'anthropic'],
  ['https://llm.acme.com', '/v1/messages', 'anthropic'],
  ['http://10.1.2.3:8000', '/v1/messages', 'anthropic'],
])('at %s the provider of %s is %s', (origin, path, provider) => {
  expect(match(path, 'POST', origin)?.provider).toBe(provider);
});

test.each([
  '/v1/messages/count_tokens',
  '/v1/messages/batches',
  '/v1/messages/batches/msgbatch_1/results',
  '/v1/messages/',
  '/v1/complete',
  '/search?path=/v1/messages',
  `${VERTEX}/count-tokens:rawPredict`,
  `${VERTEX}/:rawPredict`,
  '/v1/projects/p/locations/l/publishers/mistralai/models/mistral-large:rawPredict',
  '/v1/projects/p/locations/l/endpoints/7:rawPredict',
  ':rawPredict',
  '/:streamRawPredict',
  '',
])('%s is not a call', (path) => {
  expect(match(path)).toBeUndefined();
});

test.each(['/v1/messages', '/messages', '/api/messages?beta=true', 'https://sms.example/v1/messages'])(
  '%s needs a proof at another host',
  (path) => {
    for (const origin of ['https://sms.example', 'https://anthropic.com.example', 'https://notanthropic.com'])
      expect(match(path, 'POST', origin)?.proof).toBeDefined();
  },
);

test('no proof is needed at a host of Anthropic', () => {
  for (const origin of [
    'https://api.anthropic.com',
    'https://eu.api.anthropic.com:443',
    'https://anthropic.com',
  ])
    expect(match('/messages', 'POST', origin)?.proof).toBeUndefined();
});

test('only a POST is a call', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT'])
    expect(match('/v1/messages', method)).toBeUndefined();
});
