import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import type { FieldExchange } from './exchange.js';

const FOLDER = join(REPOSITORY, 'test/fixtures/wire');

/** By the beginning of a fixture's name: the path of its call. */
const PATHS: readonly (readonly [start: string, path: string, body?: object])[] = [
  ['openai-responses', '/v1/responses'],
  ['openai', '/v1/chat/completions'],
  ['anthropic', '/v1/messages'],
  ['completions', '/v1/completions', { model: 'm', prompt: 'x' }],
  ['conversations', '/v1/conversations', { model: 'm', inputs: 'x' }],
  ['converse', '/model/m/converse'],
  ['cohere', '/v2/chat'],
  ['ollama', '/api/chat'],
  ['interactions', '/v1beta/interactions'],
  ['predictions', '/v1/predictions', { version: 'v', input: { prompt: 'x' } }],
  ['gateway', '/v3/ai/language-model', { prompt: [] }],
  ['gemini', '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
];

const TYPES: readonly (readonly [end: string, type: string])[] = [
  ['.sse', 'text/event-stream'],
  ['.ndjson', 'application/x-ndjson'],
];

export interface Fixture extends FieldExchange {
  readonly name: string;
  readonly text: string;
}

/** The recorded responses of providers, as exchanges. */
export function readFixtures(): readonly Fixture[] {
  const names = readdirSync(FOLDER).filter((name) => !name.includes('request'));
  return names.sort().map((name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    return { name, text, ...answeredBy(name, text) };
  });
}

/** The same call with this response. */
export function answeredBy(name: string, text: string): FieldExchange {
  const [, path = '', body] = PATHS.find(([start]) => name.startsWith(start)) ?? [];
  const type = TYPES.find(([end]) => name.endsWith(end))?.[1] ?? 'application/json';
  return {
    request: {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: body ?? { model: 'm', messages: [], input: 'x', stream: type !== 'application/json' },
    },
    response: {
      status: 200,
      headers: { 'content-type': type },
      chunks: [text],
      end: 'clean',
    },
  };
}
