import { lastEnd, runSummaries, unendedStatus } from '../query/stored-runs.js';
import type { Fields, StoredSpan } from '../query/stored-span.js';
import type { RunSummary } from '../query/types.js';
import { ATTR_CHATDEBUG_RUN_ID, ATTR_GEN_AI_CONVERSATION_ID } from '../semconv.js';
import type { Row, SqlValue } from './database.js';
import { deleteAll, deleteBeyond, deleteChat, deleteOlder } from './deletion.js';
import type { OtlpBatch, OtlpSpan } from './otlp-span.js';
import { StoreFile } from './store-file.js';

export interface StoreLimits {
  /** The maximum time since a trace received its last span, in milliseconds. */
  readonly maxAgeMillis: number;
  /** The maximum size of the store. */
  readonly maxBytes: number;
}

export interface ViewerSpan extends OtlpSpan {
  readonly scope: OtlpBatch['scope'];
  readonly resource: Fields;
}

/**
 * Ids of runs and chats are stored as JSON, which contains no NUL characters. Times are microseconds, except that
 * `received` and the times of `runs` are milliseconds.
 */
const SCHEMA = `
  CREATE TABLE resources (id INTEGER PRIMARY KEY, service TEXT, attributes TEXT UNIQUE);
  CREATE TABLE traces (trace TEXT PRIMARY KEY, received INTEGER, started INTEGER);
  CREATE INDEX traces_received ON traces (received);
  CREATE INDEX traces_started ON traces (started);
  CREATE TABLE spans (
    trace TEXT, span TEXT, resource INTEGER, run TEXT, chat TEXT, name TEXT, started INTEGER, duration INTEGER,
    status INTEGER, attributes TEXT, rest TEXT, UNIQUE (trace, span)
  );
  CREATE INDEX spans_run ON spans (run) WHERE run IS NOT NULL;
  CREATE INDEX spans_chat ON spans (chat) WHERE chat IS NOT NULL;
  CREATE TABLE runs (
    run TEXT, trace TEXT, chat TEXT, started INTEGER, ended INTEGER, summary TEXT, PRIMARY KEY (run, trace));
  CREATE INDEX runs_started ON runs (started);
  CREATE INDEX runs_chat ON runs (chat, started);
  CREATE INDEX runs_trace ON runs (trace)
`;

/** Spans read of one trace. Pages cannot show more. */
const MAX_SPANS_PER_TRACE = 50_000;

const CLEAN_EVERY_MILLIS = 60_000;

/** Stores received spans in a file within the limits of a retention. Stored spans survive SIGKILL. */
export class ViewerStore {
  readonly #file: StoreFile;
  readonly #resources = new Map<string, number>();
  readonly #cleaning: NodeJS.Timeout;
  #changes = 0;
  #deletions = 0;

  /** @throws StoreError if the file cannot be used, NoSqliteError without SQLite */
  constructor(
    file: string,
    private readonly retention: StoreLimits,
  ) {
    this.#file = new StoreFile(file, SCHEMA);
    try {
      this.#clean();
    } catch (error) {
      this.#file.close();
      throw error;
    }
    this.#cleaning = setInterval(() => this.#cleanIfPossible(), CLEAN_EVERY_MILLIS).unref();
  }

  get path(): string {
    return this.#file.path;
  }

  /** Increases when something is stored or deleted. */
  get changes(): number {
    return this.#changes;
  }

  get deletions(): number {
    return this.#deletions;
  }

  announce(url: string): void {
    this.#file.announce(url);
  }

  close(): void {
    clearInterval(this.#cleaning);
    this.#file.close();
  }

  /**
   * Stores all spans or, on failure, none. Replaces spans that are already stored, since delivery is at least once.
   *
   * @param now milliseconds since the epoch
   * @throws StoreError if the spans could not be written
   */
  add(batches: readonly OtlpBatch[], now: number): void {
    if (batches.length === 0) return;
    if (deleteBeyond(this.#file, this.retention.maxBytes)) this.#wasDeleted();
    try {
      this.#file.transaction(() => {
        for (const batch of batches) this.#addBatch(batch, now);
      });
    } catch (error) {
      // The rollback has removed resources of this transaction.
      this.#resources.clear();
      throw error;
    }
    this.#changes += 1;
  }

  all(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#file.all(sql, ...values);
  }

  /** Returns the spans of a trace. If there are too many, prefers spans of this package. */
  spansOf(trace: string): ViewerSpan[] {
    return this.all(
      `SELECT s.trace, s.span, s.name, s.started, s.duration, s.status, s.attributes, s.rest, r.attributes AS resource
      FROM spans s JOIN resources r ON r.id = s.resource
      WHERE s.trace = ? ORDER BY s.run IS NULL, s.started LIMIT ${MAX_SPANS_PER_TRACE}`,
      trace,
    ).map(viewerSpan);
  }

  /**
   * Deletes the runs of a chat and their traces.
   *
   * @param chatId `undefined` deletes everything
   * @returns the number of deleted runs
   */
  deleteRuns(chatId: string | undefined): number {
    const count = chatId === undefined ? deleteAll(this.#file) : deleteChat(this.#file, keyOf(chatId));
    this.#resources.clear();
    this.#wasDeleted();
    return count;
  }

  #clean(): void {
    const { maxAgeMillis, maxBytes } = this.retention;
    const isDeleted = deleteOlder(this.#file, Date.now() - maxAgeMillis);
    if (deleteBeyond(this.#file, maxBytes) || isDeleted) this.#wasDeleted();
  }

  /** Errors of a damaged or full store are reported on the next use. */
  #cleanIfPossible(): void {
    try {
      this.#clean();
    } catch {}
  }

  #wasDeleted(): void {
    this.#changes += 1;
    this.#deletions += 1;
  }

  #addBatch({ resource, scope, spans }: OtlpBatch, now: number): void {
    const resourceId = this.#resourceId(resource);
    const ours = new Map<string, StoredSpan[]>();
    const traces = new Map<string, number>();
    for (const span of spans) {
      const { traceId, attributes, startMicros } = span;
      const run = keyIn(attributes[ATTR_CHATDEBUG_RUN_ID]);
      const chat = keyIn(attributes[ATTR_GEN_AI_CONVERSATION_ID]);
      this.#insert(span, scope, resourceId, run, chat);
      traces.set(traceId, Math.min(traces.get(traceId) ?? startMicros, startMicros));
      if (run === null) continue;
      const group = ours.get(`${traceId} ${run}`) ?? [];
      group.push(storedSpanOf(span));
      ours.set(`${traceId} ${run}`, group);
    }
    for (const [trace, started] of traces)
      this.#file.run(
        `INSERT INTO traces VALUES (?, ?, ?) ON CONFLICT (trace) DO UPDATE
        SET received = excluded.received, started = min(started, excluded.started)`,
        ...[trace, now, started],
      );
    for (const group of ours.values()) this.#summarise(group);
  }

  #insert(
    span: OtlpSpan,
    scope: OtlpBatch['scope'],
    resource: number,
    run: string | null,
    chat: string | null,
  ): void {
    const { traceId, spanId, name, startMicros, durationMicros, statusCode, attributes, ...rest } = span;
    const row = [
      traceId,
      spanId,
      resource,
      run,
      chat,
      name.replaceAll('\0', ''),
      startMicros,
      durationMicros,
    ];
    this.#file.run(
      'INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...row,
      statusCode,
      JSON.stringify(attributes),
      JSON.stringify({ ...rest, scope }),
    );
  }

  /** Updates the summaries, so that lists of runs do not read large columns. */
  #summarise(spans: readonly StoredSpan[]): void {
    const [added] = runSummaries(spans, undefined);
    if (added === undefined) return;
    const [run, { traceId: trace, chatId }] = [keyOf(added.id), added];
    const [row] = this.all('SELECT summary, ended FROM runs WHERE run = ? AND trace = ?', run, trace);
    const summary = row === undefined ? added : merged(summaryOf(row), added);
    this.#file.run(
      'INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)',
      run,
      trace,
      chatId === undefined ? null : keyOf(chatId),
      summary.startedAt.getTime(),
      Math.max(lastEnd(spans), Number(row?.['ended'] ?? 0)),
      JSON.stringify(summary),
    );
  }

  #resourceId(resource: Fields): number {
    const attributes = JSON.stringify(resource);
    const known = this.#resources.get(attributes);
    if (known !== undefined) return known;
    const service = resource['service.name'];
    this.#file.run(
      'INSERT OR IGNORE INTO resources (service, attributes) VALUES (?, ?)',
      typeof service === 'string' ? service : 'unknown_service',
      attributes,
    );
    const [row] = this.all('SELECT id FROM resources WHERE attributes = ?', attributes);
    const id = Number(row?.['id']);
    this.#resources.set(attributes, id);
    return id;
  }
}

/** Returns the stored form of the id of a run or chat. */
export function keyOf(id: string): string {
  return JSON.stringify(id);
}

function keyIn(value: unknown): string | null {
  return typeof value === 'string' ? keyOf(value) : null;
}

export function summaryOf(row: Row): RunSummary {
  const summary = JSON.parse(String(row['summary']));
  const status = summary.durationMillis === undefined ? unendedStatus(Number(row['ended'])) : summary.status;
  return { ...summary, status, startedAt: new Date(summary.startedAt) };
}

/** Merges summaries. Steps may arrive before and after the span of their run. */
function merged(before: RunSummary, added: RunSummary): RunSummary {
  if (added.durationMillis !== undefined) return added;
  if (before.durationMillis !== undefined) return before;
  const startedAt = new Date(Math.min(before.startedAt.getTime(), added.startedAt.getTime()));
  return { ...before, error: before.error ?? added.error, startedAt };
}

function viewerSpan(row: Row): ViewerSpan {
  return {
    traceId: String(row['trace']),
    spanId: String(row['span']),
    name: String(row['name']),
    startMicros: Number(row['started']),
    durationMicros: Number(row['duration']),
    statusCode: Number(row['status']),
    attributes: JSON.parse(String(row['attributes'])),
    resource: JSON.parse(String(row['resource'])),
    ...JSON.parse(String(row['rest'])),
  };
}

/** Converts a span to the format of the query module. */
export function storedSpanOf(span: OtlpSpan): StoredSpan {
  const { traceId, spanId, parentSpanId, name, startMicros, durationMicros, attributes, events } = span;
  return {
    ...{ traceId, spanId, parentSpanId, name, attributes },
    startedAt: startMicros / 1_000,
    durationMillis: durationMicros / 1_000,
    events: events.map((event) => ({
      name: event.name,
      at: event.micros / 1_000,
      attributes: event.attributes,
    })),
  };
}
