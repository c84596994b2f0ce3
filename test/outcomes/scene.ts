import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Reply, ScriptedProvider } from '../support/provider.js';
import type { Call, Client, ClientName } from './clients.js';
import type { Operation } from './scenario.js';

/** One client that makes one call to one provider. */
export interface Scene {
  readonly name: ClientName;
  readonly client: Client;
  readonly operation: Operation;
  readonly provider: ScriptedProvider;
  /** The URL of the call: that of the provider, unless it is sent elsewhere. */
  url: string;
  /** A successful response in the requested form. */
  readonly good: Reply;
  /** Holds an unread response, so that it is not garbage-collected before the end. */
  keep(thing: unknown): void;
}

/** Makes the call and reads the whole response. */
export async function read(
  { client, operation, url }: Scene,
  call: Partial<Call> = {},
  onPiece: () => void = () => {},
): Promise<string> {
  const options = { url, ...call };
  if (operation === 'generate') return client.generate(options);
  return readAll(await client.stream(options), onPiece);
}

export async function readAll(
  pieces: AsyncIterable<string>,
  onPiece: () => void = () => {},
): Promise<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    onPiece();
  }
  return text;
}

const PATIENCE_MILLIS = 30_000;

/** The result of the call, once the provider has seen its client disconnect. */
export async function left({ provider }: Scene, text: Promise<string>): Promise<string> {
  const [outcome] = await Promise.allSettled([text]);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the provider still has its client')), PATIENCE_MILLIS);
  });
  await Promise.race([provider.gone(), tooLate]);
  clearTimeout(timer);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** Resolves when the client has the headers of the provider's response. */
export function opened({ url }: ScriptedProvider): Promise<void> {
  const channel = 'undici:request:headers';
  return new Promise((resolve) => {
    const listener = (message: unknown) => {
      const { request } = message as { request: { origin: unknown } };
      if (String(request.origin) !== url) return;
      unsubscribe(channel, listener);
      resolve();
    };
    subscribe(channel, listener);
  });
}
