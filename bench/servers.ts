import { setTimeout as sleep } from 'node:timers/promises';
import { startProvider } from './provider.js';
import { startReceiver } from './receiver.js';

/** What the servers are asked: where they are, what came since they were last asked, or to load another server. */
export type ServersQuestion =
  | { readonly ask: 'urls' }
  | { readonly ask: 'take'; readonly spans: number }
  | { readonly ask: 'load'; readonly url: string; readonly millis: number };

export interface ServersUrls {
  readonly provider: string;
  readonly receiver: string;
}

export interface ServersTaken {
  readonly requests: number;
  readonly spans: number;
  readonly bytes: number;
}

/** How many requests a server under load has at once, and how long each client waits before its next. */
const CLIENTS = 8;
const PAUSE_MILLIS = 10;

async function load(url: string, millis: number): Promise<void> {
  const end = performance.now() + millis;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await (await fetch(url)).arrayBuffer();
      await sleep(PAUSE_MILLIS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** A process of their own: what they cost is not counted. */
async function main(): Promise<void> {
  const [provider, receiver] = await Promise.all([startProvider(), startReceiver()]);
  const answer = async (question: ServersQuestion): Promise<ServersUrls | ServersTaken | null> => {
    if (question.ask === 'urls') return { provider: provider.url, receiver: receiver.url };
    if (question.ask === 'take') {
      const received = await receiver.take(question.spans);
      return { requests: provider.takeRequests(), ...received };
    }
    await load(question.url, question.millis);
    return null;
  };
  process.on('message', async (question: ServersQuestion) => {
    process.send?.({ answer: await answer(question) });
  });
  process.on('disconnect', () => process.exit());
}

void main();
