import * as names from '../semconv.js';
import { askAt, KeptRunsError, type SearchRange, searchRange } from './ask.js';
import { findRun, findTrace, runSummaries } from './stored-runs.js';
import { type Fields, fieldsOf, isFields, numberOf, type StoredSpan, textOf } from './stored-span.js';
import type { KeptRuns, QueryOptions } from './types.js';

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
  names.ATTR_USER_ID,
  names.ATTR_GEN_AI_PROVIDER_NAME,
  names.ATTR_GEN_AI_REQUEST_MODEL,
  names.ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  names.ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
];

/** Tempo's default limit of spans per trace in a search. */
const SPANS_PER_TRACE = 100;
const SHORTEST_MILLIS = 120_000;

/**
 * Queries kept runs in Tempo, with TraceQL.
 *
 * @throws TypeError for an invalid endpoint
 *
 * @example
 * const runs = tempoRuns({ endpoint: 'http://tempo:3200' });
 * const showDebugTab = await runs.has(chatId);
 */
export function tempoRuns(options: QueryOptions): KeptRuns {
  const ask = askAt('Tempo', options);
  const { lookbackMillis, traceUrl } = options;

  const search = async (query: string, { limit, from, to }: SearchRange): Promise<FoundTrace[]> => {
    // Tempo 3.0 omits the last 30 seconds, and rejects a search of those only.
    const start = Math.min(from, to - SHORTEST_MILLIS);
    const answer = await ask('/api/search', {
      q: query,
      limit: String(limit),
      spss: String(SPANS_PER_TRACE),
      // In seconds. Without a range, Tempo searches only what is not flushed yet.
      start: String(Math.floor(start / 1_000)),
      end: String(Math.floor(to / 1_000)),
    });
    const traces = answer && foundTraces(answer);
    if (traces === undefined)
      throw new KeptRunsError('Tempo returned no search result: is this its query endpoint?');
    return traces;
  };

  const trace = async (traceId: string): Promise<StoredSpan[]> => {
    const answer = await ask(`/api/traces/${traceId}`);
    return answer === undefined ? [] : traceSpans(traceId, answer);
  };

  /** The run's span ends last: in a large trace a search may not return it. */
  const whole = (found: FoundTrace): readonly StoredSpan[] | Promise<StoredSpan[]> =>
    found.matched > found.spans.length ? trace(found.traceId) : found.spans;

  const spansAround = async (runId: string): Promise<readonly StoredSpan[]> => {
    const query = traceqlSearch(names.ATTR_CHATDEBUG_RUN_ID, runId, [names.ATTR_CHATDEBUG_RUN_ID]);
    const [found] = await search(query, searchRange(lookbackMillis, { limit: 1 }));
    return found === undefined ? [] : trace(found.traceId);
  };

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
    get: async (runId: string) => findRun(await spansAround(runId), runId, traceUrl),
    trace: async (runId: string) => findTrace(await spansAround(runId), runId, traceUrl),
  } satisfies KeptRuns);
}

/**
 * The read buffer of Tempo's lexer (2.10). An attribute name across this boundary is a syntax error, since the lexer
 * looks ahead with a copy of its scanner.
 */
const SCANNED_AT_ONCE = 1_024;

/**
 * Quotes a string for TraceQL, which has Go's string syntax, in ASCII. A lone surrogate becomes U+FFFD, as in stored
 * spans.
 */
function traceqlString(text: string): string {
  const quoted = JSON.stringify(Buffer.from(text).toString());
  return quoted.replace(/[^ -~]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

/**
 * Returns a query for spans with this attribute value.
 *
 * @param select the attributes to return, of the newest traces; they must fill less than 1,024 bytes
 */
export function traceqlSearch(name: string, value: string, select: readonly string[] = []): string {
  const condition = `{ span.${name} = ${traceqlString(value)} }`;
  if (select.length === 0) return condition;
  const rest = ` | select(${select.map((wanted) => `span.${wanted}`).join(', ')}) with (most_recent=true)`;
  if (condition.length + rest.length <= SCANNED_AT_ONCE) return condition + rest;
  return condition.padEnd(Math.ceil(condition.length / SCANNED_AT_ONCE) * SCANNED_AT_ONCE) + rest;
}

/** A trace in a search result, with some or all of the matching spans. */
interface FoundTrace {
  readonly traceId: string;
  readonly spans: readonly StoredSpan[];
  /** The number of matching spans, if the search has counted them. */
  readonly matched: number;
}

/** Returns the traces of a `GET /api/search` response, or `undefined` for another response. */
function foundTraces(answer: Fields): FoundTrace[] | undefined {
  // Tempo omits an empty list but not the metrics of a search.
  if (!Array.isArray(answer['traces']) && !isFields(answer['metrics'])) return undefined;
  return fieldsOf(answer['traces']).map((trace) => {
    // Tempo omits leading zeros.
    const traceId = (textOf(trace['traceID']) ?? '').padStart(32, '0');
    const sets = fieldsOf(trace['spanSets']);
    const spans = sets.flatMap((set) => fieldsOf(set['spans']).map((span) => foundSpan(traceId, span)));
    const matched = sets.reduce((sum, set) => sum + (numberOf(set['matched']) ?? 0), 0);
    return { traceId, spans, matched };
  });
}

function foundSpan(traceId: string, span: Fields): StoredSpan {
  return {
    traceId,
    spanId: textOf(span['spanID']) ?? '',
    name: textOf(span['name']) ?? '',
    parentSpanId: undefined,
    startedAt: millis(nanosOf(span['startTimeUnixNano'])),
    durationMillis: millis(nanosOf(span['durationNanos'])),
    attributes: attributesOf(span['attributes']),
    events: [],
  };
}

/**
 * Returns the spans of OTLP JSON: a `GET /api/traces/ID` response (`batches`) or an export request (`resourceSpans`).
 */
export function traceSpans(traceId: string, answer: Fields): StoredSpan[] {
  return fieldsOf(answer['batches'] ?? answer['resourceSpans'])
    .flatMap((batch) => fieldsOf(batch['scopeSpans']))
    .flatMap((scope) => fieldsOf(scope['spans']))
    .map((span) => {
      const start = nanosOf(span['startTimeUnixNano']);
      return {
        traceId,
        spanId: textOf(span['spanId']) ?? '',
        name: textOf(span['name']) ?? '',
        parentSpanId: textOf(span['parentSpanId']),
        startedAt: millis(start),
        durationMillis: millis(nanosOf(span['endTimeUnixNano']) - start),
        attributes: attributesOf(span['attributes']),
        events: fieldsOf(span['events']).map((event) => ({
          name: textOf(event['name']) ?? '',
          at: millis(nanosOf(event['timeUnixNano'])),
          attributes: attributesOf(event['attributes']),
        })),
      };
    });
}

/** A 64-bit integer as a string. */
function nanosOf(value: unknown): bigint {
  return /^\d{1,20}$/.test(String(value)) ? BigInt(String(value)) : 0n;
}

function millis(nanos: bigint): number {
  return Number(nanos / 1_000n) / 1_000;
}

function attributesOf(attributes: unknown): Fields {
  return Object.fromEntries(fieldsOf(attributes).map(({ key, value }) => [String(key), plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (!isFields(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (isFields(arrayValue)) return fieldsOf(arrayValue['values']).map(plainValue);
  return stringValue ?? boolValue ?? numberOf(intValue ?? doubleValue);
}
