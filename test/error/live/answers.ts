import type { Answer } from '../../fixtures/errors/answer.js';
import { ANTHROPIC, ANTHROPIC_STREAM } from '../../fixtures/errors/anthropic.js';
import { AZURE } from '../../fixtures/errors/azure.js';
import { BEDROCK } from '../../fixtures/errors/bedrock.js';
import { COMPATIBLE } from '../../fixtures/errors/compatible.js';
import { GOOGLE, GOOGLE_STREAM } from '../../fixtures/errors/google.js';
import { OPENAI, OPENAI_STREAM } from '../../fixtures/errors/openai.js';
import { OPENROUTER, OPENROUTER_STREAM } from '../../fixtures/errors/openrouter.js';
import { VERCEL } from '../../fixtures/errors/vercel.js';
import type { Reply } from '../../support/provider.js';
import type { ClientName } from './clients.js';
import type { Observed } from './observe.js';
import { thrownBy, withProvider } from './observe.js';
import { goodStart } from './streams.js';

/** A response of a provider, and its clients. */
export interface Section {
  readonly title: string;
  readonly clients: readonly ClientName[];
  readonly answers: readonly Answer[];
}

const FETCH: readonly ClientName[] = ["fetch (Node's own)", 'fetch (npm undici)'];
const ASK_LIKE_OPENAI: readonly ClientName[] = ['openai', 'ai + @ai-sdk/openai', ...FETCH];

export const SECTIONS: readonly Section[] = [
  { title: 'OpenAI', clients: ASK_LIKE_OPENAI, answers: OPENAI },
  {
    title: 'OpenAI, in a stream',
    clients: ['openai', 'ai + @ai-sdk/openai'],
    answers: OPENAI_STREAM,
  },
  {
    title: 'Anthropic',
    clients: ['@anthropic-ai/sdk', 'ai + @ai-sdk/anthropic'],
    answers: [...ANTHROPIC, ...ANTHROPIC_STREAM],
  },
  {
    title: 'Google',
    clients: ['@google/genai', 'ai + @ai-sdk/google'],
    answers: [...GOOGLE, ...GOOGLE_STREAM],
  },
  { title: 'Azure OpenAI', clients: ASK_LIKE_OPENAI, answers: AZURE },
  { title: 'AWS Bedrock', clients: FETCH, answers: BEDROCK },
  { title: 'OpenRouter', clients: ASK_LIKE_OPENAI, answers: OPENROUTER },
  {
    title: 'OpenRouter, in a stream',
    clients: ['openai', 'ai + @ai-sdk/openai'],
    answers: OPENROUTER_STREAM,
  },
  { title: 'Vercel AI Gateway', clients: ['ai + gateway'], answers: VERCEL },
  {
    title: 'OpenAI-compatible servers and their proxies',
    clients: ASK_LIKE_OPENAI,
    answers: COMPATIBLE,
  },
];

export function observeAnswer(answer: Answer, client: ClientName): Promise<Observed> {
  const { status, headers = {}, body, event } = answer;
  const stream = status === 200;
  const last = event === undefined ? { data: body } : { event, data: body };
  const reply: Reply = stream
    ? { type: 'sse', events: [...goodStart(client), last] }
    : { type: 'json', status, headers: { ...headers }, body };
  return withProvider((provider) => {
    provider.reply(reply);
    return thrownBy(client, { url: provider.url, stream });
  });
}
