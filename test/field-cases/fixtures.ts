import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import type { FieldExchange } from './exchange.js';

const FOLDER = join(REPOSITORY, 'test/fixtures/wire');

/** By the beginning of a fixture's name: the path of the call that it answers. */
const PATHS: readonly (readonly [start: string, path: string])[] = [
  ['openai-responses', '/v1/responses'],
  ['openai', '/v1/chat/completions'],
  ['anthropic', '/v1/messages'],
  ['gemini', '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
];

export interface Fixture extends FieldExchange {
  readonly name: string;
  readonly text: string;
}

/** The recorded answers of providers, as exchanges. */
export function readFixtures(): readonly Fixture[] {
  const names = readdirSync(FOLDER).filter((name) => !name.includes('request'));
  return names.sort().map((name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    return { name, text, ...answeredBy(name, text) };
  });
}

/** The same call, answered with this text. */
export function answeredBy(name: string, text: string): FieldExchange {
  const path = PATHS.find(([start]) => name.startsWith(start))?.[1] ?? '';
  const isStream = name.endsWith('.sse');
  return {
    request: {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: { model: 'm', messages: [], input: 'x', stream: isStream },
    },
    response: {
      status: 200,
      headers: { 'content-type': isStream ? 'text/event-stream' : 'application/json' },
      chunks: [text],
      end: 'clean',
    },
  };
}
