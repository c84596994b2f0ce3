import * as names from '../semconv.js';
import { askAt } from './ask.js';
import { KeptRunsError } from './error.js';
import { type SearchRange, searchRange } from './search-range.js';
import { findRun, runSummaries } from './stored-runs.js';
import type { StoredSpan } from './stored-span.js';
import { type FoundTrace, foundTraces, traceSpans } from './tempo-json.js';
import { traceqlSearch } from './traceql.js';
import type { KeptRuns, QueryOptions } from './types.js';

/** What a summary is made of; the rest of a span stays where it is. */
const SUMMARY: readonly string[] = [
  names.ATTR_CHATDEBUG_RUN_ID,
  names.ATTR_CHATDEBUG_RUN_KIND,
  names.ATTR_CHATDEBUG_RUN_STATUS,
  names.ATTR_CHATDEBUG_RUN_STEP_COUNT,
  names.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE,
  names.ATTR_CHATDEBUG_CAPTURE,
  names.ATTR_CHATDEBUG_STEP_NUMBER,
  names.ATTR_CHATDEBUG_ERROR_KIND,
  names.ATTR_CHATDEBUG_ERROR_MESSAGE,
  names.ATTR_CHATDEBUG_ERROR_DETAIL,
  names.ATTR_CHATDEBUG_ERROR_RETRYABLE,
  names.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS,
  names.ATTR_CHATDEBUG_ERROR_REQUEST_ID,
  names.ATTR_ERROR_TYPE,
  names.ATTR_GEN_AI_CONVERSATION_ID,
  names.ATTR_GEN_AI_PROVIDER_NAME,
  names.ATTR_GEN_AI_REQUEST_MODEL,
  names.ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
];

/** The most that Tempo gives of one trace, unless it is configured otherwise. */
const SPANS_PER_TRACE = 100;

/**
 * The kept runs in a Tempo, by its search (TraceQL).
 *
 * @throws TypeError for an endpoint that can't be used
 *
 * @example
 * const runs = tempoRuns({ endpoint: 'http://tempo:3200' });
 * const showDebugTab = await runs.has(chatId);
 */
export function tempoRuns(options: QueryOptions): KeptRuns {
  const ask = askAt('Tempo', options);
  const { lookbackMillis, traceUrl } = options;

  const search = async (query: string, { limit, from, to }: SearchRange): Promise<FoundTrace[]> => {
    const answer = await ask('/api/search', {
      q: query,
      limit: String(limit),
      spss: String(SPANS_PER_TRACE),
      // In seconds, no more of them than there are. Without them only what has not been flushed yet is searched.
      start: String(Math.floor(from / 1_000)),
      end: String(Math.floor(to / 1_000)),
    });
    const traces = answer && foundTraces(answer);
    if (traces === undefined)
      throw new KeptRunsError('Tempo answered no search: is this its query endpoint?');
    return traces;
  };

  const trace = async (traceId: string): Promise<StoredSpan[]> => {
    const answer = await ask(`/api/traces/${traceId}`);
    return answer === undefined ? [] : traceSpans(traceId, answer);
  };

  /** The run's own span comes last: in a trace with more spans than a search gives it may not be among them. */
  const whole = (found: FoundTrace): readonly StoredSpan[] | Promise<StoredSpan[]> =>
    found.matched > found.spans.length ? trace(found.traceId) : found.spans;

  return Object.freeze({
    has: async (chatId: string) => {
      const query = traceqlSearch(names.ATTR_GEN_AI_CONVERSATION_ID, chatId);
      return (await search(query, searchRange(lookbackMillis, { limit: 1 }))).length > 0;
    },
    list: async (chatId: string, listOptions = {}) => {
      const range = searchRange(lookbackMillis, listOptions);
      const traces = await search(traceqlSearch(names.ATTR_GEN_AI_CONVERSATION_ID, chatId, SUMMARY), range);
      const spans: StoredSpan[] = [];
      for (const found of traces) spans.push(...(await whole(found)));
      return runSummaries(spans, traceUrl)
        .filter((run) => run.chatId === chatId && run.startedAt.getTime() >= range.from)
        .slice(0, range.limit);
    },
    get: async (runId: string) => {
      const query = traceqlSearch(names.ATTR_CHATDEBUG_RUN_ID, runId, [names.ATTR_CHATDEBUG_RUN_ID]);
      const [found] = await search(query, searchRange(lookbackMillis, { limit: 1 }));
      return found && findRun(await trace(found.traceId), runId, traceUrl);
    },
  } satisfies KeptRuns);
}
