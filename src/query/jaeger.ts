import { ATTR_CHATDEBUG_RUN_ID, ATTR_GEN_AI_CONVERSATION_ID } from '../semconv.js';
import { askAt, KeptRunsError, type SearchRange, searchRange } from './ask.js';
import { findRun, findTrace, runSummaries } from './stored-runs.js';
import { type Fields, fieldsOf, numberOf, type StoredEvent, type StoredSpan, textOf } from './stored-span.js';
import type { KeptRuns, QueryOptions } from './types.js';

/**
 * Returns the names of the services that Jaeger has traces of.
 *
 * @throws KeptRunsError if Jaeger cannot be reached or sends an invalid response
 */
export async function jaegerServices(options: QueryOptions): Promise<readonly string[]> {
  const data = (await askAt('Jaeger', options)('/api/services'))?.['data'];
  if (!Array.isArray(data))
    throw new KeptRunsError('Jaeger returned no services: is this its query endpoint?');
  return data.flatMap((name) => textOf(name) ?? []);
}

/** Options of {@link jaegerRuns}. */
export interface JaegerOptions extends QueryOptions {
  /** The applications' `service.name`: Jaeger searches within one service. */
  readonly service: string;
}

/**
 * Queries kept runs in Jaeger, with the API of its own UI (`GET /api/traces`).
 *
 * @throws TypeError for an invalid endpoint
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
  const spansAround = async (runId: string) =>
    jaegerSpans(await search(ATTR_CHATDEBUG_RUN_ID, runId, searchRange(options.lookbackMillis)));
  return Object.freeze({
    has: async (chatId: string) => {
      const range = searchRange(options.lookbackMillis, { limit: 1 });
      return (await search(ATTR_GEN_AI_CONVERSATION_ID, chatId, range)).length > 0;
    },
    list: async (chatId: string, listOptions = {}) => {
      const range = searchRange(options.lookbackMillis, listOptions);
      const spans = jaegerSpans(await search(ATTR_GEN_AI_CONVERSATION_ID, chatId, range));
      // A trace of the application may contain runs of other chats and older runs.
      return runSummaries(spans, traceUrl)
        .filter((run) => run.chatId === chatId && run.startedAt.getTime() >= range.from)
        .slice(0, range.limit);
    },
    get: async (runId: string) => findRun(await spansAround(runId), runId, traceUrl),
    trace: async (runId: string) => findTrace(await spansAround(runId), runId, traceUrl),
  } satisfies KeptRuns);
}

/** `{ data: [traces], errors: null }`. */
function tracesOf(answer: Fields | undefined): readonly Fields[] {
  const { data, errors } = answer ?? { data: undefined };
  if (Array.isArray(data)) return fieldsOf(data);
  const [error] = fieldsOf(errors);
  throw new KeptRunsError(`Jaeger returned no traces: ${error?.['msg'] ?? 'is this its query endpoint?'}`);
}

/** Returns the spans of a `GET /api/traces` response: times in microseconds, events as `logs`. */
export function jaegerSpans(traces: readonly Fields[]): StoredSpan[] {
  return traces.flatMap((trace) => fieldsOf(trace['spans']).map(jaegerSpan));
}

function jaegerSpan(span: Fields): StoredSpan {
  return {
    traceId: textOf(span['traceID']) ?? '',
    spanId: textOf(span['spanID']) ?? '',
    name: textOf(span['operationName']) ?? '',
    parentSpanId: parentOf(span),
    startedAt: (numberOf(span['startTime']) ?? 0) / 1_000,
    durationMillis: (numberOf(span['duration']) ?? 0) / 1_000,
    attributes: tagsOf(span['tags']),
    events: fieldsOf(span['logs']).map(jaegerEvent),
  };
}

function parentOf(span: Fields): string | undefined {
  const parent = fieldsOf(span['references']).find(({ refType }) => refType === 'CHILD_OF');
  return textOf(parent?.['spanID']);
}

/** The name of an event is a field. */
function jaegerEvent(log: Fields): StoredEvent {
  const attributes = tagsOf(log['fields']);
  return {
    name: textOf(attributes['event']) ?? '',
    at: (numberOf(log['timestamp']) ?? 0) / 1_000,
    attributes,
  };
}

function tagsOf(tags: unknown): Fields {
  return Object.fromEntries(fieldsOf(tags).map(({ key, value }) => [String(key), value]));
}
