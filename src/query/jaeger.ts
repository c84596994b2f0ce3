import { ATTR_CHATDEBUG_RUN_ID, ATTR_GEN_AI_CONVERSATION_ID } from '../semconv.js';
import { askAt } from './ask.js';
import { KeptRunsError } from './error.js';
import { type Fields, fieldsOf } from './fields.js';
import { jaegerSpans } from './jaeger-json.js';
import { type SearchRange, searchRange } from './search-range.js';
import { findRun, runSummaries } from './stored-runs.js';
import type { KeptRuns, QueryOptions } from './types.js';

/** What a Jaeger is reached with. */
export interface JaegerOptions extends QueryOptions {
  /** The applications' `service.name`: Jaeger searches within one service. */
  readonly service: string;
}

/**
 * The kept runs in a Jaeger, by the API that its own page uses (`GET /api/traces`).
 *
 * @throws TypeError for an endpoint that can't be used
 *
 * @example
 * const runs = jaegerRuns({ endpoint: 'http://jaeger:16686', service: 'my-chat' });
 * const showDebugTab = await runs.has(chatId);
 */
export function jaegerRuns(options: JaegerOptions): KeptRuns {
  const ask = askAt('Jaeger', options);
  const page = `${options.endpoint.replace(/\/+$/, '')}/trace/`;
  const traceUrl = options.traceUrl ?? ((traceId: string) => page + traceId);
  const search = async (tag: string, value: string, { limit, from, to }: SearchRange) => {
    const answer = await ask('/api/traces', {
      service: options.service,
      tags: JSON.stringify({ [tag]: value }),
      limit: String(limit),
      start: String(Math.floor(from) * 1_000),
      end: String(Math.ceil(to) * 1_000),
    });
    return tracesOf(answer);
  };
  return Object.freeze({
    has: async (chatId: string) => {
      const range = searchRange(options.lookbackMillis, { limit: 1 });
      return (await search(ATTR_GEN_AI_CONVERSATION_ID, chatId, range)).length > 0;
    },
    list: async (chatId: string, listOptions = {}) => {
      const range = searchRange(options.lookbackMillis, listOptions);
      const spans = jaegerSpans(await search(ATTR_GEN_AI_CONVERSATION_ID, chatId, range));
      // A trace of the application's own may hold runs of other chats, and older ones.
      return runSummaries(spans, traceUrl)
        .filter((run) => run.chatId === chatId && run.startedAt.getTime() >= range.from)
        .slice(0, range.limit);
    },
    get: async (runId: string) => {
      const range = searchRange(options.lookbackMillis);
      return findRun(jaegerSpans(await search(ATTR_CHATDEBUG_RUN_ID, runId, range)), runId, traceUrl);
    },
  } satisfies KeptRuns);
}

/** `{ data: [traces], errors: null }`; with 404 the same without traces. */
function tracesOf(answer: Fields | undefined): readonly Fields[] {
  const { data, errors } = answer ?? { data: undefined };
  if (Array.isArray(data)) return fieldsOf(data);
  const [error] = fieldsOf(errors);
  throw new KeptRunsError(
    `Jaeger answered without traces: ${error?.['msg'] ?? 'is this its query endpoint?'}`,
  );
}
