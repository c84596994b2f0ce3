import { type Reply, type ScriptedProvider, startProvider } from '../support/provider.js';

/** A scripted backend on loopback with its received queries. */
export interface ScriptedBackend {
  readonly url: string;
  answer(...replies: Reply[]): void;
  /** The path and query of each request, decoded. */
  asked(): { path: string; query: Record<string, string>; headers: Record<string, unknown> }[];
  close(): Promise<void>;
}

export async function startBackend(): Promise<ScriptedBackend> {
  const server: ScriptedProvider = await startProvider();
  return {
    url: server.url,
    answer: server.reply,
    asked: () =>
      server.requests.map(({ path, headers }) => {
        const url = new URL(path, server.url);
        return { path: url.pathname, query: Object.fromEntries(url.searchParams), headers };
      }),
    close: server.close,
  };
}

export const json = (body: unknown, status = 200): Reply => ({ type: 'json', status, body });
