import {
  createDebugTab,
  type DebugTab,
  processRuns,
} from 'opentelemetry-instrumentation-chatdebug/debug-tab';
import { ownerOf } from '../../../chats';
import { userOf } from '../../../user';

let tab: DebugTab | undefined;

/** Users see only the runs of their own chats. */
export function GET(request: Request): Promise<Response> {
  // With the first request: Next.js loads this file for the build as well, where nothing is recorded.
  tab ??= createDebugTab({
    source: processRuns(),
    authorize: (request, chatId) => {
      const user = userOf(request);
      return user !== undefined && chatId !== undefined && ownerOf(chatId) === user;
    },
  });
  return tab(request);
}
