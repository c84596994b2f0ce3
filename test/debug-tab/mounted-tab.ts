import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { createTab } from '../../src/debug-tab/handler.js';
import {
  createDebugTab,
  type DebugTab,
  type DebugTabOptions,
  type ProcessRuns,
  processRuns,
  toNodeHandler,
} from '../../src/debug-tab/index.js';
import { type ChatDebugOptions, withRun } from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

/** A Debug tab on loopback, in a process that records, by default in errors capture. */
export interface MountedTab {
  readonly recording: Recording;
  readonly openai: OpenAI;
  readonly tab: DebugTab;
  /** The URL of the path at which it is mounted. */
  readonly url: string;
  get(path: string, init?: RequestInit): Promise<Response>;
  // biome-ignore lint/suspicious/noExplicitAny: what a page gets is looked at member by member.
  read(path: string): Promise<any>;
  /** A delivered turn with a call that gets this reply. */
  turn(chatId: string | undefined, ...replies: Reply[]): Promise<void>;
  /** Closes the server and its connections without closing the tab. */
  unmount(): Promise<void>;
  stop(): Promise<void>;
}

export const BROKEN = openaiError(500, null, 'server_error', 'Something broke');

/** Authorises only this user, and not that chat. */
export const authorize: DebugTabOptions['authorize'] = (request, chatId) =>
  request.headers.get('x-user') === 'u' && chatId !== 'other';

/**
 * @param tabOptions gets the runs of the process, which are the default source
 * @param otherProcessPollMillis how often runs in progress in another process are read
 */
export async function mountTab(
  options: ChatDebugOptions = {},
  tabOptions: (own: ProcessRuns) => Partial<DebugTabOptions> = () => ({}),
  otherProcessPollMillis?: number,
): Promise<MountedTab> {
  const recording = await startRecording({ capture: undefined, ...options });
  const openai = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
  const source = processRuns();
  const given = { source, authorize, ...tabOptions(source) };
  const tab =
    otherProcessPollMillis === undefined
      ? createDebugTab(given)
      : createTab(given, undefined, otherProcessPollMillis);
  const server = createServer(toNodeHandler(tab)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug-tab`;
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/${path}`, { headers: { 'x-user': 'u' }, ...init });
  const unmount = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    recording,
    openai,
    tab,
    url,
    get,
    unmount,
    read: async (path) => (await get(path)).json(),
    turn: async (chatId, ...replies) => {
      recording.provider.reply(...replies);
      await withRun({ chatId, ownerId: 'u', firstMessage: 'FIRST' }, async () => {
        const messages = [{ role: 'user' as const, content: 'ASKED' }];
        await openai.chat.completions.create({ model: 'm', messages });
      }).catch(() => {});
      await recording.handle.forceFlush();
    },
    stop: async () => {
      tab.close();
      await unmount();
      await recording.stop();
    },
  };
}
