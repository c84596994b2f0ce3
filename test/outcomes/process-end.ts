import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { CLIENT_NAMES, CLIENTS, type ClientName } from './clients.js';
import { type Recorded, recordedAt } from './recorded.js';

/** Providers whose streams do not end, and an endpoint: for a process that ends during the streams. */
export interface ProcessEnd {
  readonly endpoint: string;
  /** One for each client. */
  readonly urls: readonly string[];
  /** The recording, after the process has ended. */
  recorded(): (readonly [ClientName, Recorded])[];
  close(): Promise<unknown>;
}

export async function prepareProcessEnd(): Promise<ProcessEnd> {
  const receiver = await startOtlpReceiver();
  const providers = await Promise.all(CLIENT_NAMES.map(() => startProvider()));
  const urls = providers.map(({ url }) => url);
  for (const [index, name] of CLIENT_NAMES.entries()) {
    const { stream, beginning } = CLIENTS[name].dialect;
    providers[index]?.reply({ ...stream, hangAfter: beginning });
  }
  return {
    endpoint: receiver.url,
    urls,
    recorded: () => {
      const runs = buildTree(receiver.spans);
      return CLIENT_NAMES.map((name, index) => [name, recordedAt(urls[index] ?? '', runs, name, 'stream')]);
    },
    close: () => Promise.all([receiver, ...providers].map((server) => server.close())),
  };
}
