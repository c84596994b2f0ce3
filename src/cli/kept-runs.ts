import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaseError } from '../case/format.js';
import { keptRuns, type RecordedRun } from '../case/kept-run.js';
import { spansInSpool } from '../delivery/span-json.js';
import { jaegerRuns, jaegerServices, jaegerSpans } from '../query/jaeger.js';
import {
  type EndedSpan,
  type Fields,
  fieldsOf,
  isFields,
  numberOf,
  type StoredSpan,
  storedSpan,
  textOf,
} from '../query/stored-span.js';
import { tempoRuns, traceSpans } from '../query/tempo.js';
import type { QueryOptions } from '../query/types.js';

interface RunSource {
  /** `jaeger`, `tempo`, `viewer`, `spool` or a URL; `undefined` for a file. */
  readonly from: string | undefined;
  /** The URL of Jaeger, Tempo or the viewer, or the directory of the spool. */
  readonly url: string | undefined;
  readonly service: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const DEFAULT_URLS: Readonly<Record<string, string>> = {
  jaeger: 'http://localhost:16686',
  tempo: 'http://localhost:3200',
  viewer: 'http://127.0.0.1:4318',
};

/**
 * Finds a kept run.
 *
 * @param name the id of the run, or a file with traces
 * @param runId the run in the file; required if there are several
 * @throws CaseError if no run is found, or several; KeptRunsError if the request to a backend fails
 */
export async function findKeptRun(
  name: string,
  runId: string | undefined,
  source: RunSource,
): Promise<RecordedRun> {
  const isFile = source.from === undefined;
  if (isFile && !existsSync(name))
    throw new CaseError(
      `File ${name} not found. For a run id, set where the run is stored: --from jaeger, tempo, viewer, spool or a URL`,
    );
  if (isFile) return oneRun(keptRuns(spansOfFile(readText(name), name)), runId, name);
  const { spans, where } = await spansFrom(name, source);
  return oneRun(keptRuns(spans), name, where);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CaseError(`Cannot read ${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}

async function spansFrom(
  runId: string,
  { from = '', url, service, headers }: RunSource,
): Promise<{ readonly spans: readonly StoredSpan[]; readonly where: string }> {
  const page = from === 'viewer' ? (url ?? DEFAULT_URLS['viewer']) : from.includes('://') ? from : undefined;
  if (page !== undefined) return { spans: await spansAt(page, runId, headers), where: page };
  if (from === 'spool') {
    const directory = url ?? process.env['CHATDEBUG_SPOOL_DIRECTORY'];
    if (directory === undefined)
      throw new CaseError('--from spool requires a directory: set --url or CHATDEBUG_SPOOL_DIRECTORY');
    return { spans: spansOfSpool(directory), where: directory };
  }
  const endpoint = url ?? DEFAULT_URLS[from] ?? '';
  const options = { endpoint, headers };
  const spans =
    from === 'tempo'
      ? (await tempoRuns(options).trace(runId))?.spans
      : await spansInJaeger(options, service ?? process.env['OTEL_SERVICE_NAME'], runId);
  return { spans: spans ?? [], where: `the last seven days of ${from} at ${endpoint}` };
}

/** Jaeger searches one service at a time: without a name, all services are searched. */
async function spansInJaeger(
  options: QueryOptions,
  service: string | undefined,
  runId: string,
): Promise<readonly StoredSpan[] | undefined> {
  for (const name of service === undefined ? await jaegerServices(options) : [service]) {
    const trace = await jaegerRuns({ ...options, service: name }).trace(runId);
    if (trace !== undefined) return trace.spans;
  }
  return undefined;
}

/** @param page a file with traces, or a page: of the viewer, of a Debug tab, or of a trace in Jaeger */
async function spansAt(
  page: string,
  runId: string,
  headers: Readonly<Record<string, string>>,
): Promise<readonly StoredSpan[]> {
  if (!URL.canParse(page)) throw new CaseError(`Invalid URL "${page}"`);
  const isTab = /\/(?:page\.html)?$/.test(new URL(page).pathname);
  const address = isTab
    ? new URL(`export?${new URLSearchParams({ run: runId })}`, page).href
    : page.replace(/\/trace\/([0-9a-f]{16,32})(?:[?#].*)?$/i, '/api/traces/$1');
  const response = await fetch(address, { headers: { accept: 'application/json', ...headers } }).catch(
    (cause) => {
      throw new CaseError(`Request to ${address} failed: ${cause.cause?.code ?? cause.message}`, { cause });
    },
  );
  if (isTab && response.status === 404) return [];
  if (!response.ok) throw new CaseError(`Request to ${address} failed: HTTP ${response.status}`);
  return spansOfFile(await response.text(), address);
}

/** Does not change the files, which belong to another process. */
function spansOfSpool(directory: string): readonly StoredSpan[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory).filter((name) => /^chatdebug-[0-9a-f]{18}-\d+\.spool$/.test(name));
  } catch (cause) {
    throw new CaseError(`Cannot read the spool ${directory}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    });
  }
  return names.flatMap((name) => [...spansInSpool(readFileSync(join(directory, name)))].map(spooledSpan));
}

interface SpooledSpan extends EndedSpan {
  readonly parent?: { readonly spanId: string };
  readonly context: { readonly traceId: string; readonly spanId: string };
}

function spooledSpan(json: string): StoredSpan {
  const span: SpooledSpan = JSON.parse(json);
  return storedSpan(span, span.context, span.parent?.spanId);
}

function oneRun(runs: readonly RecordedRun[], id: string | undefined, where: string): RecordedRun {
  const found = id === undefined ? runs : runs.filter((run) => run.id === id);
  const [run] = found;
  if (run !== undefined && found.length === 1) return run;
  const ids = runs.slice(0, 10).map((one) => one.id);
  if (runs.length === 0)
    throw new CaseError(
      id === undefined ? `No run of this package in ${where}` : `Run ${id} not found in ${where}`,
    );
  throw new CaseError(
    id === undefined
      ? `${runs.length} runs in ${where}. Select one with --run: ${ids.join(', ')}`
      : `Run ${id} not found in ${where}, which contains: ${ids.join(', ')}`,
  );
}

/**
 * Parses a file with traces: JSON of Jaeger (`data`), Tempo (`batches`), OTLP (`resourceSpans`) or the Debug tab
 * (`runs`), or the JSON lines of the Collector's file exporter.
 *
 * @param source the name of the file, for messages
 * @throws CaseError for anything else
 */
export function spansOfFile(text: string, source: string): readonly StoredSpan[] {
  const values = parsedValues(text, source);
  const spans = values.flatMap((value) => spansOfValue(value) ?? []);
  if (values.every((value) => spansOfValue(value) === undefined))
    throw new CaseError(
      `No traces in ${source}: expected JSON of Jaeger (data), Tempo (batches), OTLP (resourceSpans) or the Debug tab (runs)`,
    );
  return spans;
}

function parsedValues(text: string, source: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const isLines = lines.length > 1 && lines.every((line) => line.startsWith('{'));
    if (!isLines) throw new CaseError(notJson(text, source), { cause });
    return lines.map((line, index) => parsedLine(line, `${source}, line ${index + 1}`));
  }
}

function parsedLine(line: string, source: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new CaseError(notJson(line, source), { cause });
  }
}

function notJson(text: string, source: string): string {
  const isCut = /^\s*[{[]/.test(text) && !/[}\]]\s*$/.test(text);
  return isCut ? `Invalid JSON in ${source}: unexpected end` : `Invalid JSON in ${source}`;
}

function spansOfValue(value: unknown): readonly StoredSpan[] | undefined {
  if (!isFields(value)) return undefined;
  if (Array.isArray(value['data'])) return jaegerSpans(fieldsOf(value['data']));
  if (isFields(value['trace'])) return spansOfValue(value['trace']);
  if (Array.isArray(value['runs']))
    return fieldsOf(value['runs']).flatMap(({ spans }) =>
      fieldsOf(spans).flatMap((span) => exportedSpan(span) ?? []),
    );
  const batches = value['batches'] ?? value['resourceSpans'];
  if (!Array.isArray(batches)) return undefined;
  return traceSpans(firstTraceId(batches), value);
}

/** The Debug tab exports spans in the form of `StoredSpan`. */
function exportedSpan(span: Fields): StoredSpan | undefined {
  const { attributes, events, startedAt } = span;
  const isSpan = isFields(attributes) && Array.isArray(events) && numberOf(startedAt) !== undefined;
  return isSpan ? (span as unknown as StoredSpan) : undefined;
}

function firstTraceId(batches: readonly unknown[]): string {
  const [span] = fieldsOf(batches)
    .flatMap((batch) => fieldsOf(batch['scopeSpans']))
    .flatMap((scope) => fieldsOf(scope['spans']));
  return textOf(span?.['traceId']) ?? '';
}
