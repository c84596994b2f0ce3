import { WIRE_FORMAT_NAMES } from '../../src/wire/format.js';
import { FORMATS, recognise, SOCKET_FORMATS } from '../../src/wire/formats.js';
import fc, { runs } from '../support/property.js';

const post = (origin: string, path: string) => recognise({ method: 'POST', origin, path });

test('each name has one format, in the order of the names', () => {
  expect([...FORMATS, ...SOCKET_FORMATS].map(({ name }) => name)).toEqual(WIRE_FORMAT_NAMES);
});

test.each([
  ['https://api.openai.com', '/v1/chat/completions', 'openai-chat'],
  ['https://api.openai.com', '/v1/responses', 'openai-responses'],
  ['https://api.anthropic.com', '/v1/messages', 'anthropic-messages'],
  [
    'https://generativelanguage.googleapis.com',
    '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    'gemini-generate-content',
  ],
  ['https://generativelanguage.googleapis.com', '/v1beta/openai/chat/completions', 'openai-chat'],
  ['https://api.mistral.ai', '/v1/agents/completions', 'openai-chat'],
  ['https://codestral.mistral.ai', '/v1/fim/completions', 'openai-completions'],
  ['https://api.mistral.ai', '/v1/conversations', 'mistral-conversations'],
  ['https://api.openai.com', '/v1/completions', 'openai-completions'],
  [
    'https://bedrock-runtime.eu-west-1.amazonaws.com',
    '/model/a.b-v1%3A0/converse-stream',
    'bedrock-converse',
  ],
  ['https://bedrock-runtime.eu-west-1.amazonaws.com', '/model/a.b-v1:0/invoke', 'bedrock-invoke'],
  ['https://api.cohere.com', '/v2/chat', 'cohere-chat'],
  ['http://127.0.0.1:11434', '/api/generate', 'ollama'],
  ['https://ai-gateway.vercel.sh', '/v3/ai/language-model', 'ai-gateway'],
  ['https://generativelanguage.googleapis.com', '/v1beta/interactions', 'gemini-interactions'],
  [
    'https://aiplatform.googleapis.com',
    '/v1beta1/projects/p/locations/global/interactions',
    'gemini-interactions',
  ],
  ['https://api.replicate.com', '/v1/models/meta/llama/predictions', 'replicate-predictions'],
  ['https://api.replicate.com', '/v1/predictions', 'replicate-predictions'],
])('%s%s', (origin, path, name) => {
  expect(post(origin, path)?.format.name).toBe(name);
});

test.each(['/', '', '/v1/embeddings', '/api/orders?next=/v1/messages', '/graphql'])(
  '%j is not a call',
  (path) => {
    expect(post('https://app.example', path)).toBeUndefined();
  },
);

test.each([
  ['/v1/chat/completions/', 'openai-chat'],
  ['//v1//chat///completions//?a=//b', 'openai-chat'],
  ['https://gateway.example//v1/chat/completions/', 'openai-chat'],
  ['/v1/responses//', 'openai-responses'],
  ['/v1//messages/', 'anthropic-messages'],
  ['/v1beta//models/gemini-2.5-pro:generateContent/', 'gemini-generate-content'],
])('doubled and trailing slashes of %s make no difference', (path, name) => {
  expect(post('https://app.example', path)?.format.name).toBe(name);
});

test('any line is accepted, and extra slashes never change the result', () => {
  const method = fc.constantFrom('POST', 'GET', 'PUT');
  const piece = fc.oneof(
    fc.constantFrom('v1', 'messages', 'responses', 'resp_1', 'chat', 'completions', 'https:', '?', '#', '%'),
    fc.string(),
  );
  fc.assert(
    fc.property(method, fc.string(), fc.array(piece), (name, origin, pieces) => {
      recognise({ method: name, origin, path: pieces.join('/') });
      const plain = recognise({ method: name, origin, path: `/${pieces.join('/')}` });
      if (plain !== undefined) expect(['POST', 'GET']).toContain(name);
    }),
    { numRuns: runs(5_000) },
  );
  const plainPiece = fc.constantFrom('v1', 'messages', 'responses', 'resp_1', 'chat', 'completions', 'a');
  const slashes = fc.integer({ min: 1, max: 3 }).map((count) => '/'.repeat(count));
  fc.assert(
    fc.property(fc.array(fc.tuple(slashes, plainPiece), { minLength: 1 }), slashes, (parts, end) => {
      const at = (path: string) => recognise({ method: 'POST', origin: 'https://app.example', path });
      const extra = parts.map((part) => part.join('')).join('') + end;
      expect(at(extra)).toEqual(at(parts.map(([, name]) => `/${name}`).join('')));
    }),
    { numRuns: runs(5_000) },
  );
});

test('a request is a call exactly if one of the formats matches its line', () => {
  const segment = fc.constantFrom(
    ...[
      'v1',
      'v1beta',
      'v2',
      'v3',
      'openai',
      'ai',
      'api',
      'projects',
      'locations',
      'publishers',
      'anthropic',
    ],
    ...[
      'models',
      'model',
      'a.b-v1:0',
      'deployments',
      'google',
      'chat',
      'agents',
      'fim',
      'generate',
      'restart',
    ],
    ...['completions', 'responses', 'messages', 'interactions', 'predictions', 'conversations', 'converse'],
    ...['converse-stream', 'invoke', 'invoke-with-response-stream', 'language-model', 'embeddings'],
    ...['m:generateContent', 'm:streamGenerateContent', 'm:rawPredict', 'm:streamRawPredict'],
  );
  const origin = fc.constantFrom(
    ...['https://api.openai.com', 'https://aiplatform.googleapis.com', 'http://127.0.0.1:11434'],
    ...['https://stream.replicate.com', 'https://api.mistral.ai', 'https://app.example'],
  );
  fc.assert(
    fc.property(origin, fc.array(segment, { minLength: 1, maxLength: 6 }), (from, segments) => {
      const line = { method: 'POST', origin: from, path: `/${segments.join('/')}` };
      const matched = FORMATS.find((format) => format.match(line) !== undefined);
      expect(recognise(line)?.format.name).toBe(matched?.name);
    }),
    { numRuns: runs(20_000, 2_000) },
  );
});

test('a GET is a call only if it polls a response', () => {
  const get = (path: string) => recognise({ method: 'GET', origin: 'https://api.openai.com', path });
  expect(get('/v1/responses/resp_1/')?.responseId).toBe('resp_1');
  expect(get('/v1/responses/resp_1/input_items')).toBeUndefined();
  expect(get('/v1/responses')).toBeUndefined();
  expect(get('/v1/chat/completions')).toBeUndefined();
});

test('only a POST is a call, also after a POST with the same line', () => {
  const line = { method: 'POST', origin: 'https://api.openai.com', path: '/v1/responses' };
  expect(recognise(line)?.provider).toBe('openai');
  expect(recognise(line)?.provider).toBe('openai');
  expect(recognise({ ...line, method: 'GET' })).toBeUndefined();
});

test('the cached result does not apply to another host or path', () => {
  const path = '/v1/chat/completions';
  const providers = ['https://api.openai.com', 'https://api.groq.com', 'https://api.openai.com'].map(
    (origin) => post(origin, path)?.provider,
  );
  expect(providers).toEqual(['openai', 'groq', 'openai']);
  const models = ['a', 'b', 'a'].map(
    (name) => post('https://x.openai.azure.com', `/openai/deployments/${name}${path.slice(3)}`)?.model,
  );
  expect(models).toEqual(['a', 'b', 'a']);
});

test.each([
  ['a GET', { method: 'GET', origin: 'https://api.openai.com', path: '/v1/chat/completions' }],
  ['another POST', { method: 'POST', origin: 'https://app.example', path: '/api/orders?id=7' }],
  [
    'a POST with a long query',
    { method: 'POST', origin: 'https://app.example', path: `/a?${'b'.repeat(8_000)}` },
  ],
])('%s costs no memory and almost no time', (_, line) => {
  const calls = 200_000;
  const round = () => {
    const start = process.hrtime.bigint();
    const heap = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i += 1) recognise(line);
    const grown = process.memoryUsage().heapUsed - heap;
    return { bytes: grown / calls, micros: Number(process.hrtime.bigint() - start) / 1_000 / calls };
  };
  // Concurrent work, such as the compiler, allocates as well: the lowest round counts.
  const rounds = Array.from({ length: 6 }, round).slice(1);
  expect(Math.min(...rounds.map(({ bytes }) => Math.abs(bytes)))).toBeLessThan(8);
  const micros = Math.min(...rounds.map((one) => one.micros));
  expect(micros).toBeLessThan(20);
});
