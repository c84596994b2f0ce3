import type { Row } from '../cell.js';
import { ANTHROPIC, aiSdk, FETCH, google, NODE_HTTP, openai, throughDispatcher, undici } from '../clients.js';
import { row } from './row.js';

export const CLIENTS: Row[] = [
  row('`openai` 4', { client: openai(4), note: 'over `node:http`' }),
  row('`openai` 5', { client: openai(5) }),
  row('`openai` 6', { client: openai(6) }),
  row('`openai` 7', { client: openai(7), from: 22 }),
  row('`@anthropic-ai/sdk` 1', { client: ANTHROPIC }),
  row('`@google/genai` 2', { client: google(2) }),
  row('`@google/genai` 3', { client: google(3), from: 22 }),
  row('`ai` 5', { client: aiSdk(5) }),
  row('`ai` 6', { client: aiSdk(6) }),
  row('`ai` 7', { client: aiSdk(7), from: 22 }),
  row('`fetch` of Node', { client: FETCH }),
  row('`node:http`', { client: NODE_HTTP, note: 'and clients based on it, such as axios' }),
];

export const UNDICI: Row[] = [6, 7, 8].flatMap((version) => {
  const from = version < 8 ? 20 : 22;
  return [
    row(`\`undici\` ${version}: its own \`fetch\` and \`request\``, { client: undici(version), from }),
    row(`\`undici\` ${version}: its \`Agent\` as global dispatcher, \`openai\` 6`, {
      client: throughDispatcher(openai(6), version),
      from,
    }),
  ];
});
