import { openAiChat, openAiResponses } from '../../../src/wire/recognition/openai.js';

const OPENAI = 'https://api.openai.com';

const line = (path: string, origin = OPENAI, method = 'POST') => ({ method, origin, path });

const call = (provider = 'openai', model?: string) => ({
  operationName: 'chat',
  operation: undefined,
  provider,
  model,
});

test.each([
  ['/v1/chat/completions', call()],
  ['/chat/completions', call()],
  ['/v1/chat/completions?a=/v1/models', call()],
  ['/gateway/team/a/openai/v1/chat/completions', call()],
  ['/openai/v1/chat/completions?api-version=preview', call()],
  ['/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21', call('openai', 'gpt-4o')],
  ['/openai/deployments/my%20model/chat/completions', call('openai', 'my model')],
  ['/openai/deployments/100%/chat/completions', call('openai', '100%')],
  ['/openai/deployments/gpt-4o/extensions/chat/completions', call('openai', 'gpt-4o')],
  ['https://api.groq.com/openai/v1/chat/completions', call('groq')],
  ['http://localhost:11434/v1/chat/completions', call('ollama')],
])('%s is a chat completion', (path, expected) => {
  expect(openAiChat.match(line(path))).toEqual({ format: openAiChat, ...expected });
});

test.each([
  ['/v1/responses', call()],
  ['/v1/responses?stream=true', call()],
  ['/v1beta/responses', call()],
  ['/openai/responses?api-version=2025-04-01-preview', call()],
  ['/openai/v1/responses', call()],
  ['/api/v1/responses', call()],
  ['https://openrouter.ai/api/v1/responses', call('openrouter')],
])('%s is a response', (path, expected) => {
  expect(openAiResponses.match(line(path))).toEqual({ format: openAiResponses, ...expected });
});

test.each([
  '/v1/batches',
  '/v1/files',
  '/v1/embeddings',
  '/v1/completions',
  '/v1/messages',
  '/v1/chat/completions/',
  '/v1/chat/completions/chatcmpl-1',
  '/v1/responses/',
  '/v1/responses/resp_1',
  '/v1/responses/resp_1/cancel',
  '/v1/responses/input_tokens',
  '/search?q=/v1/chat/completions',
  '/search?q=/v1/responses',
  'http://',
  '*',
  '',
])('%s is neither', (path) => {
  expect(openAiChat.match(line(path))).toBeUndefined();
  expect(openAiResponses.match(line(path))).toBeUndefined();
});

test.each([
  '/responses',
  '/responses?model=m',
  '/backend-api/codex/responses',
  '/v1/survey/responses',
  '/version/responses',
  '/x-openai/responses',
  'http://v1/responses',
])('%s needs a proof, except at a host of OpenAI', (path) => {
  const { proof, provider } = openAiResponses.match(line(path, 'https://gateway.example')) ?? {};
  expect([typeof proof?.header, typeof proof?.body, provider]).toEqual([
    'function',
    'function',
    path.startsWith('http') ? 'openai' : 'gateway.example',
  ]);
  if (path.startsWith('http')) return;
  expect(openAiResponses.match(line(path))).toEqual({ format: openAiResponses, ...call() });
  expect(openAiResponses.match(line(path, 'https://chatgpt.com'))?.proof).toBeUndefined();
  expect(openAiResponses.match(line(path, 'https://openai.com.example'))?.proof).toBeDefined();
});

test.each([
  ['/v1/responses/resp_1', { responseId: 'resp_1', operation: 'generate' }],
  ['/openai/v1/responses/resp_1?api-version=preview', { responseId: 'resp_1', operation: 'generate' }],
  ['/v1/responses/resp_1?stream=true&starting_after=4', { responseId: 'resp_1', operation: 'stream' }],
])('GET %s is a poll', (path, expected) => {
  const found = openAiResponses.match(line(path, 'https://gateway.example', 'GET'));
  expect(found).toEqual({ format: openAiResponses, ...call('gateway.example'), ...expected });
});

test.each(['/v1/responses/7', '/survey/responses/resp_1', '/responses/resp_1'])(
  'GET %s needs a proof',
  (path) => {
    expect(openAiResponses.match(line(path, 'https://app.example', 'GET'))?.proof).toBeDefined();
  },
);

test.each([
  '/v1/responses',
  '/v1/responses/resp_1/input_items',
  '/v1/responses/resp_1/cancel',
  '/v1/chat/completions/chatcmpl-1',
  '/search?q=/v1/responses/resp_1',
])('GET %s is not a poll', (path) => {
  expect(openAiResponses.match(line(path, OPENAI, 'GET'))).toBeUndefined();
});

test.each(['GET', 'DELETE', 'HEAD', 'CONNECT', ''])('%s is not a call', (method) => {
  expect(openAiChat.match(line('/v1/chat/completions', OPENAI, method))).toBeUndefined();
  expect(openAiResponses.match(line('/v1/responses', OPENAI, method))).toBeUndefined();
});

test.each([
  ['https://api.openai.com', 'openai'],
  ['https://eu.api.openai.com', 'openai'],
  ['https://a.openai.azure.com', 'azure.ai.openai'],
  ['https://a.cognitiveservices.azure.com', 'azure.ai.openai'],
  ['https://a.services.ai.azure.com', 'azure.ai.openai'],
  ['https://models.inference.ai.azure.com', 'azure.ai.inference'],
  ['https://a.eastus.models.ai.azure.com', 'azure.ai.inference'],
  ['https://api.anthropic.com', 'anthropic'],
  ['https://generativelanguage.googleapis.com', 'gcp.gemini'],
  ['https://us-central1-aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['https://bedrock-runtime.us-west-2.amazonaws.com', 'aws.bedrock'],
  ['https://bedrock-mantle.us-east-1.api.aws', 'aws.bedrock'],
  ['https://api.cohere.ai', 'cohere'],
  ['https://api.deepseek.com', 'deepseek'],
  ['https://api.groq.com:443', 'groq'],
  ['https://API.Mistral.AI', 'mistral_ai'],
  ['https://api.perplexity.ai', 'perplexity'],
  ['https://api.x.ai', 'x_ai'],
  ['https://openrouter.ai', 'openrouter'],
  ['https://api.together.xyz', 'together_ai'],
  ['https://api.fireworks.ai', 'fireworks_ai'],
  ['http://[::1]:11434', 'ollama'],
  ['http://user:key@api.groq.com', 'groq'],
  ['https://router.huggingface.co', 'huggingface'],
  ['https://api.cerebras.ai', 'cerebras'],
  ['https://integrate.api.nvidia.com', 'nvidia'],
  ['https://api.sambanova.ai', 'sambanova'],
  ['https://api.moonshot.cn', 'moonshot_ai'],
  ['https://us-south.ml.cloud.ibm.com', 'ibm.watsonx.ai'],
  ['https://dashscope-intl.aliyuncs.com', 'dashscope'],
  ['https://api.deepinfra.com', 'deepinfra'],
  ['https://models.github.ai', 'github_models'],
  ['https://gateway.ai.cloudflare.com', 'cloudflare'],
  ['https://api.novita.ai', 'novita_ai'],
  ['https://api.studio.nebius.com', 'nebius'],
  ['https://notgroq.com', 'notgroq.com'],
  ['https://groq.com.example', 'groq.com.example'],
  ['https://llm.acme.com:8443', 'llm.acme.com'],
  ['http://localhost:8000', 'openai'],
  ['http://vllm:8000', 'openai'],
  ['http://vllm.models.svc.cluster.local', 'openai'],
  ['http://10.1.2.3:8000', 'openai'],
  ['http://[fd00::1]:8000', 'openai'],
])('at %s the provider is %s', (origin, provider) => {
  expect(openAiChat.match(line('/v1/chat/completions', origin))?.provider).toBe(provider);
  expect(openAiResponses.match(line('/v1/responses', origin))?.provider).toBe(provider);
});

test('behind a forward proxy the path has the host', () => {
  const proxied = line('https://api.groq.com/openai/v1/chat/completions', 'http://proxy:3128');
  expect(openAiChat.match(proxied)?.provider).toBe('groq');
});

test("Foundry's two APIs are distinguished by their paths", () => {
  const origin = 'https://a.services.ai.azure.com';
  const at = (path: string) => openAiChat.match(line(path, origin))?.provider;
  expect(at('/models/chat/completions?api-version=2024-05-01-preview')).toBe('azure.ai.inference');
  expect(at('/openai/v1/chat/completions')).toBe('azure.ai.openai');
});
