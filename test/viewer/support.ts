import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startViewer, type Viewer, type ViewerOptions } from '../../src/viewer/index.js';

/** A viewer with its own store. */
export interface TestViewer extends Viewer {
  /** Its reported problems. */
  readonly problems: readonly string[];
}

/** Stores in a folder that `remove` deletes, and viewers on free ports that it closes. */
export function viewers() {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-viewer-'));
  const open = new Set<Viewer>();
  let stores = 0;
  return {
    folder,
    newStore: () => join(folder, `store-${++stores}`, 'viewer.sqlite'),
    start: async (options: ViewerOptions = {}): Promise<TestViewer> => {
      const problems: string[] = [];
      const viewer = await startViewer({
        port: 0,
        store: join(folder, `store-${++stores}`, 'viewer.sqlite'),
        onProblem: (message) => problems.push(message),
        ...options,
      });
      open.add(viewer);
      const close = async () => {
        if (open.delete(viewer)) await viewer.close();
      };
      return { ...viewer, problems, close };
    },
    remove: async () => {
      await Promise.all([...open].map((viewer) => viewer.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Value = string | number | boolean;

/** A span in OTLP's JSON. */
export interface JsonSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
  readonly durationMillis?: number;
  readonly attributes?: Readonly<Record<string, Value>>;
}

let ids = 0;

/** An id that no other span of this process has. */
export function newId(length: 16 | 32): string {
  return String(++ids).padStart(length, 'a');
}

export function jsonSpan({
  traceId = newId(32),
  spanId = newId(16),
  parentSpanId,
  name = 'span',
  at = Date.now(),
  durationMillis = 10,
  attributes = {},
}: JsonSpan = {}) {
  return {
    ...{ traceId, spanId, parentSpanId, name, kind: 3 },
    startTimeUnixNano: `${Math.round(at * 1_000)}000`,
    endTimeUnixNano: `${Math.round((at + durationMillis) * 1_000)}000`,
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })),
  };
}

function anyValue(value: Value) {
  if (typeof value === 'boolean') return { boolValue: value };
  return typeof value === 'number' ? { intValue: String(value) } : { stringValue: value };
}

/** The span of a run of this package. */
export function runSpan(run: string, { chat, attributes, ...span }: JsonSpan & { chat?: string } = {}) {
  return jsonSpan({
    name: 'chat_turn',
    ...span,
    attributes: {
      'chatdebug.run.id': run,
      'chatdebug.run.kind': 'chat_turn',
      'chatdebug.run.status': 'completed',
      'chatdebug.capture': 'full',
      'chatdebug.run.step_count': 1,
      ...(chat !== undefined && { 'gen_ai.conversation.id': chat }),
      ...attributes,
    },
  });
}

/** The body of a request with these spans. */
export function requestOf(spans: readonly unknown[], service = 'my-chat', scope = 'test') {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope, version: '1' }, spans }] }] };
}

/** Sends a body to a viewer. An object is sent as JSON. */
export function post(
  { url }: Pick<Viewer, 'url'>,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = '/v1/traces',
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  });
}

/** Sends spans, and rejects unless all were accepted. */
export async function send(viewer: Pick<Viewer, 'url'>, ...spans: readonly unknown[]): Promise<void> {
  const response = await post(viewer, requestOf(spans));
  const body = await response.text();
  if (body !== '{}') throw new Error(`${response.status} ${body}`);
}

/** The JSON response of the viewer. */
export async function ask({ url }: Pick<Viewer, 'url'>, path: string): Promise<Answer> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

interface Answer {
  readonly status: number;
  // The caller knows the form.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many forms
  readonly body: any;
}

/** The ids of the runs that the page lists, the newest first. */
export async function runIds(viewer: Pick<Viewer, 'url'>, query = ''): Promise<readonly string[]> {
  const { body } = await ask(viewer, `/runs${query}`);
  return body.runs.map(({ id }: { readonly id: string }) => id);
}
