import { ATTR_CHATDEBUG_RUN_ID, ATTR_GEN_AI_CONVERSATION_ID } from '../semconv.js';
import type { SqlValue } from './database.js';
import { keyOf, type ViewerSpan, type ViewerStore } from './store.js';

export interface JaegerAnswer {
  readonly status: 200 | 400 | 404;
  readonly body: unknown;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_500;
const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['', 'OK', 'ERROR'];

/**
 * Implements the part of the query API that Jaeger's UI and `jaegerRuns` use: services, operations, search and single
 * traces.
 *
 * @param path the path after `/api/`
 * @returns `undefined` for any other path
 */
export function jaegerAnswer(
  store: ViewerStore,
  path: string,
  query: URLSearchParams,
): JaegerAnswer | undefined {
  const [first = '', second, third, ...rest] = path.split('/').map(decodeURIComponent);
  if (rest.length > 0) return undefined;
  if (first === 'services' && second === undefined) return found(services(store));
  if (first === 'services' && third === 'operations') return found(operations(store, second ?? ''));
  if (first === 'operations' && second === undefined) {
    const names = operations(store, query.get('service') ?? '');
    return found(names.map((name) => ({ name, spanKind: '' })));
  }
  if (first !== 'traces' || third !== undefined) return undefined;
  if (second === undefined) return search(store, query);
  const spans = store.spansOf(second.toLowerCase().padStart(32, '0'));
  return spans.length === 0 ? refused(404, 'trace not found') : found([jaegerTrace(spans)]);
}

function found(data: readonly unknown[]): JaegerAnswer {
  return { status: 200, body: { data, total: data.length, limit: 0, offset: 0, errors: null } };
}

function refused(status: 400 | 404, msg: string): JaegerAnswer {
  return { status, body: { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: status, msg }] } };
}

function services(store: ViewerStore): readonly string[] {
  const rows = store.all(
    `SELECT DISTINCT service FROM resources r
    WHERE EXISTS (SELECT 1 FROM spans s WHERE s.resource = r.id) ORDER BY service`,
  );
  return rows.map((row) => String(row['service']));
}

function operations(store: ViewerStore, service: string): readonly string[] {
  const rows = store.all(
    `SELECT DISTINCT name FROM spans s JOIN resources r ON r.id = s.resource
    WHERE r.service = ? ORDER BY name LIMIT ${MAX_LIMIT}`,
    service,
  );
  return rows.map(({ name }) => String(name));
}

/** Returns the whole traces in which one span matches all conditions, the newest first. */
function search(store: ViewerStore, query: URLSearchParams): JaegerAnswer {
  const service = query.get('service');
  if (service === null || service === '') return refused(400, "parameter 'service' is required");
  const tags = tagsIn(query);
  const limit = Number(query.get('limit') || DEFAULT_LIMIT);
  const times = ['start', 'end'].map((name) => Number(query.get(name) || Number.NaN));
  const durations = ['minDuration', 'maxDuration'].map((name) => microsOf(query.get(name)));
  if (tags === undefined) return refused(400, 'Invalid tags: expected a JSON object of strings');
  if (!Number.isInteger(limit) || limit < 1) return refused(400, 'Invalid limit: expected an integer from 1');
  if (durations.includes(undefined))
    return refused(400, 'Invalid duration: expected a number with us, ms, s, m or h');
  const conditions: [sql: string, ...values: SqlValue[]][] = [['r.service = ?', service]];
  const [start = Number.NaN, end = Number.NaN] = times;
  if (!Number.isNaN(start)) conditions.push(['s.started >= ?', start]);
  if (!Number.isNaN(end)) conditions.push(['s.started <= ?', end]);
  const [least, most] = durations;
  if (typeof least === 'number') conditions.push(['s.duration >= ?', least]);
  if (typeof most === 'number') conditions.push(['s.duration <= ?', most]);
  const operation = query.get('operation');
  if (operation !== null && operation !== '') conditions.push(['s.name = ?', operation]);
  conditions.push(...Object.entries(tags).map(tagCondition));
  const rows = store.all(
    `SELECT s.trace, max(s.started) AS newest FROM spans s JOIN resources r ON r.id = s.resource
    WHERE ${conditions.map(([sql]) => sql).join(' AND ')} GROUP BY s.trace ORDER BY newest DESC LIMIT ?`,
    ...conditions.flatMap(([, ...values]) => values),
    Math.min(limit, MAX_LIMIT),
  );
  return found(rows.map(({ trace }) => jaegerTrace(store.spansOf(String(trace)))));
}

/** `tags` is a JSON object. `tag` is `name:value` and may be repeated. */
function tagsIn(query: URLSearchParams): Readonly<Record<string, string>> | undefined {
  const single = query.getAll('tag').map((tag) => {
    const at = tag.indexOf(':');
    return [tag.slice(0, at), tag.slice(at + 1)] as const;
  });
  try {
    const tags: unknown = JSON.parse(query.get('tags') || '{}');
    if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return undefined;
    const pairs = Object.entries(tags).map(([name, value]) => [name, String(value)] as const);
    return Object.fromEntries([...single, ...pairs]);
  } catch {
    return undefined;
  }
}

function tagCondition([name, value]: [string, string]): [string, ...SqlValue[]] {
  if (name === ATTR_CHATDEBUG_RUN_ID) return ['s.run = ?', keyOf(value)];
  if (name === ATTR_GEN_AI_CONVERSATION_ID) return ['s.chat = ?', keyOf(value)];
  if (name === 'error') return [value === 'true' ? 's.status = 2' : 's.status <> 2'];
  return [
    `EXISTS (SELECT 1 FROM json_each(s.attributes) a WHERE a.key = ?
    AND CASE a.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(a.value AS TEXT) END = ?)`,
    name,
    value,
  ];
}

const MICROS: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 };

/** Returns `null` for an absent parameter and `undefined` for an invalid one. */
function microsOf(text: string | null): number | null | undefined {
  if (text === null || text === '') return null;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (MICROS[unit] ?? 1);
}

function jaegerTrace(spans: readonly ViewerSpan[]) {
  const processes = new Map<string, ViewerSpan['resource']>();
  const ids = new Map<string, string>();
  const processOf = ({ resource }: ViewerSpan): string => {
    const key = JSON.stringify(resource);
    const id = ids.get(key) ?? `p${ids.size + 1}`;
    ids.set(key, id);
    processes.set(id, resource);
    return id;
  };
  return {
    traceID: spans[0]?.traceId,
    spans: spans.map((span) => jaegerSpan(span, processOf(span))),
    processes: Object.fromEntries(
      [...processes].map(([id, { 'service.name': service, ...tags }]) => [
        id,
        { serviceName: String(service ?? 'unknown_service'), tags: tagsOf(tags) },
      ]),
    ),
    warnings: null,
  };
}

function jaegerSpan(span: ViewerSpan, processID: string) {
  const { traceId: traceID, spanId: spanID, parentSpanId, links, statusCode, scope } = span;
  const standard = {
    'span.kind': KINDS[span.kind] || undefined,
    'otel.scope.name': scope.name || undefined,
    'otel.scope.version': scope.version || undefined,
    'otel.status_code': STATUSES[statusCode] || undefined,
    'otel.status_description': span.statusMessage || undefined,
    error: statusCode === 2 ? true : undefined,
  };
  return {
    ...{ traceID, spanID, processID, flags: 1, warnings: null },
    operationName: span.name,
    references: [
      ...(parentSpanId === undefined ? [] : [{ refType: 'CHILD_OF', traceID, spanID: parentSpanId }]),
      ...links.map((link) => ({ refType: 'FOLLOWS_FROM', traceID: link.traceId, spanID: link.spanId })),
    ],
    startTime: span.startMicros,
    duration: span.durationMicros,
    tags: tagsOf({ ...span.attributes, ...standard }),
    logs: span.events.map(({ name, micros, attributes }) => ({
      timestamp: micros,
      fields: tagsOf({ event: name, ...attributes }),
    })),
  };
}

interface JaegerTag {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'int64' | 'float64';
  readonly value: string | boolean | number;
}

/** Serializes values other than strings, numbers and booleans as JSON, as Jaeger does. */
function tagsOf(attributes: Readonly<Record<string, unknown>>): readonly JaegerTag[] {
  return Object.entries(attributes).flatMap(([key, value]): JaegerTag | [] => {
    if (value === undefined || value === null) return [];
    if (typeof value === 'string') return { key, type: 'string', value };
    if (typeof value === 'boolean') return { key, type: 'bool', value };
    if (typeof value === 'number') return { key, type: Number.isInteger(value) ? 'int64' : 'float64', value };
    return { key, type: 'string', value: JSON.stringify(value) };
  });
}
