import { geminiGenerateContent } from '../../../src/wire/recognition/gemini.js';

const STUDIO = 'https://generativelanguage.googleapis.com';
const VERTEX = 'https://us-central1-aiplatform.googleapis.com';
const PUBLISHER = '/v1/projects/p/locations/us-central1/publishers/google/models';

const match = (path: string, origin = STUDIO, method = 'POST') =>
  geminiGenerateContent.match({ method, origin, path });

test.each([
  ['/v1beta/models/gemini-2.5-flash:generateContent', STUDIO, 'gcp.gemini', 'gemini-2.5-flash', 'generate'],
  [
    '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    STUDIO,
    'gcp.gemini',
    'gemini-2.5-flash',
    'stream',
  ],
  ['/v1/models/gemini-2.5-flash:streamGenerateContent', STUDIO, 'gcp.gemini', 'gemini-2.5-flash', 'stream'],
  [
    '/v1beta/tunedModels/mine-1:generateContent?key=k',
    STUDIO,
    'gcp.gemini',
    'tunedModels/mine-1',
    'generate',
  ],
  [
    `${STUDIO}/v1beta/models/gemini-2.5-pro:generateContent`,
    'http://proxy:3128',
    'gcp.gemini',
    'gemini-2.5-pro',
    'generate',
  ],
  [
    `${PUBLISHER}/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    VERTEX,
    'gcp.vertex_ai',
    'gemini-2.5-pro',
    'stream',
  ],
  [
    `${PUBLISHER}/gemini-2.5-pro:generateContent`,
    'https://gateway.example',
    'gcp.vertex_ai',
    'gemini-2.5-pro',
    'generate',
  ],
  [
    `${VERTEX}${PUBLISHER}/gemini%202:generateContent`,
    'http://proxy:3128',
    'gcp.vertex_ai',
    'gemini 2',
    'generate',
  ],
  [
    '/v1/projects/p/locations/l/endpoints/77:generateContent',
    VERTEX,
    'gcp.vertex_ai',
    'endpoints/77',
    'generate',
  ],
  ['/v1beta1/models/gemini-2.5-pro:generateContent', VERTEX, 'gcp.vertex_ai', 'gemini-2.5-pro', 'generate'],
  [
    '/models/gemini-2.5-pro:generateContent?via=/publishers/',
    STUDIO,
    'gcp.gemini',
    'gemini-2.5-pro',
    'generate',
  ],
])('%s at %s is a call', (path, origin, provider, model, operation) => {
  const expected = {
    format: geminiGenerateContent,
    operationName: 'generate_content',
    provider,
    model,
    operation,
  };
  expect(match(path, origin)).toEqual(expected);
});

test.each([
  '/v1beta/models/gemini-2.5-flash:countTokens',
  '/v1beta/models/gemini-embedding-001:embedContent',
  '/v1beta/models/gemini-2.5-flash:batchGenerateContent',
  '/v1beta/models/gemini-2.5-flash',
  '/v1beta/models/gemini-2.5-flash/generateContent',
  '/v1beta/models/:generateContent',
  '/v1internal:generateContent',
  '/agents/a:generateContent',
  '/proxy?to=/v1beta/models/gemini-2.5-flash:generateContent',
  ':generateContent',
  '/:streamGenerateContent',
  '',
])('%s is not a call', (path) => {
  expect(match(path)).toBeUndefined();
});

test('only a POST is a call', () => {
  expect(match('/v1beta/models/gemini-2.5-flash:generateContent', STUDIO, 'GET')).toBeUndefined();
});
