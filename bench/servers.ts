import { startProvider } from './provider.js';
import { startReceiver } from './receiver.js';

/** What the servers are asked: where they are, or what came since they were last asked. */
export type ServersQuestion = { readonly ask: 'urls' } | { readonly ask: 'take'; readonly spans: number };

export interface ServersUrls {
  readonly provider: string;
  readonly receiver: string;
}

export interface ServersTaken {
  readonly requests: number;
  readonly spans: number;
  readonly bytes: number;
}

/** A process of their own: what they cost is not counted. */
async function main(): Promise<void> {
  const [provider, receiver] = await Promise.all([startProvider(), startReceiver()]);
  const answers = {
    urls: async (): Promise<ServersUrls> => ({ provider: provider.url, receiver: receiver.url }),
    take: async (question: { spans?: number }): Promise<ServersTaken> => {
      const received = await receiver.take(question.spans ?? 0);
      return { requests: provider.takeRequests(), ...received };
    },
  };
  process.on('message', async (question: ServersQuestion) => {
    const answer = question.ask === 'urls' ? await answers.urls() : await answers.take(question);
    process.send?.({ answer });
  });
  process.on('disconnect', () => process.exit());
}

void main();
