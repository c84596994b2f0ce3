import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { type Explanation, explainError } from '../../../src/error/index.js';
import { type ScriptedProvider, startProvider } from '../../support/provider.js';
import { type CallOptions, CLIENTS, type ClientName } from './clients.js';
import type { Fault } from './faults.js';

/** The explained error of a client, or `undefined` if it did not throw. */
export type Observed = Explanation | undefined;

/** Runs each client with the fault, all in parallel. */
export async function observeFault(
  fault: Fault,
  clients: readonly ClientName[],
): Promise<readonly (readonly [ClientName, Observed])[]> {
  const dispatcher = fault.dispatcher?.();
  const before = getGlobalDispatcher();
  if (dispatcher !== undefined) setGlobalDispatcher(dispatcher);
  try {
    return await Promise.all(
      clients.map(
        async (client) =>
          [
            client,
            await withProvider(async (it) => thrownBy(client, await fault.prepare(it, client))),
          ] as const,
      ),
    );
  } finally {
    setGlobalDispatcher(before);
    await dispatcher?.destroy();
  }
}

export async function withProvider<T>(use: (provider: ScriptedProvider) => Promise<T>): Promise<T> {
  const provider = await startProvider();
  try {
    return await use(provider);
  } finally {
    await provider.close();
  }
}

export async function thrownBy(client: ClientName, options: CallOptions): Promise<Observed> {
  try {
    await CLIENTS[client](options);
  } catch (error) {
    return explainError(error);
  }
  return undefined;
}
