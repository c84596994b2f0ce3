import { isDeepStrictEqual } from 'node:util';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import type { ReceivedRequest } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { type Beside, type Cell, INSIDE } from './cell.js';
import { expectedRuns, factsOf } from './expected.js';
import { PACKAGE } from './program.js';
import { sentrySpans } from './sentry-spans.js';

/** What is left of an application that has ended. */
export interface Trial {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The requests that came to the provider. */
  readonly asked: readonly ReceivedRequest[];
  /** The spans at the endpoint of chat runs, and at that of the application's own tracing. */
  readonly chatRuns: readonly ReceivedSpan[];
  readonly application: readonly ReceivedSpan[];
  /** What came there of those that do not speak OTLP. */
  readonly reports: readonly ReceivedRequest[];
  /** The URL of the endpoint of chat runs. */
  readonly endpoint: string;
}

/** What is wrong, in words; nothing where all is as it should be. */
export function problems(cell: Cell, trial: Trial): string[] {
  if (trial.code !== 0) return [`exit code ${trial.code}: ${trial.stderr.trim().slice(0, 2000)}`];
  const all = [...trial.chatRuns, ...trial.application];
  const ours = all.filter(isOurs);
  return [
    ...inPlace(cell, trial),
    ...differences(expectedRuns(cell), factsOf(buildTree(ours))),
    ...(cell.beside === undefined ? [] : BESIDE[cell.beside](all, trial)),
    ...(cell.beside === 'opentelemetry' ? ownParents(all) : []),
    ...itsSpans(cell, all),
    ...warnings(cell, trial.stderr),
  ];
}

const isOurs = ({ scope }: ReceivedSpan): boolean => scope.name === PACKAGE;

function inPlace({ beside }: Cell, { chatRuns, application }: Trial): string[] {
  const misplaced = INSIDE.includes(beside) ? chatRuns : application.filter(isOurs);
  return misplaced.length === 0 ? [] : [`${misplaced.length} spans of ours at the wrong endpoint`];
}

/** A client's own spans go where they went: one for each of the five calls. */
function itsSpans({ client: { spans } }: Cell, all: readonly ReceivedSpan[]): string[] {
  if (spans === undefined) return [];
  return counted("spans of the client's own", all.filter(({ name }) => spans.test(name)).length, 5);
}

/** On a runtime with a `fetch` that is not observable one, elsewhere none. */
function warnings({ runner }: Cell, stderr: string): string[] {
  const expected = runner === 'bun' || runner === 'deno' ? ['is not observable'] : [];
  const said = stderr.split('\n').filter((line) => line.includes('ChatDebugWarning'));
  if (said.length === expected.length && said.every((line, at) => line.includes(expected[at] ?? '')))
    return [];
  return [said.length === 0 ? 'it says nothing at start-up' : `it warns: ${said.join('\n')}`];
}

function differences(expected: readonly unknown[], came: readonly unknown[]): string[] {
  if (isDeepStrictEqual(came, expected)) return [];
  return [`came ${JSON.stringify(came)}, not ${JSON.stringify(expected)}`];
}

/** Each run of a turn is below the application's span of it. */
function ownParents(spans: readonly ReceivedSpan[]): string[] {
  const turns = new Set(spans.filter(isTurn).map(({ spanId }) => spanId));
  const below = spans.filter((span) => isOurs(span) && turns.has(span.parentSpanId ?? ''));
  return counted('runs below spans of the application', below.length, 3);
}

const isTurn = ({ name }: { readonly name: string }): boolean => name === 'POST /chat';

/** What the application's own tracing is to have seen: each turn once, each request once. */
const BESIDE: Readonly<Record<Beside, (spans: readonly ReceivedSpan[], trial: Trial) => string[]>> = {
  opentelemetry: (spans) => counted('spans of the application', spans.filter(isTurn).length, 4),
  'pipeline-app': (spans) => counted('spans of the application', spans.filter(isTurn).length, 4),
  'provider-2': (spans) => counted('spans of the application', spans.filter(isTurn).length, 0),
  'provider-3': (spans) => counted('spans of the application', spans.filter(isTurn).length, 0),
  'auto-instrumentations': (spans, { asked, endpoint }) => {
    const requests = spans.filter((span) => !isOurs(span) && span.attributes['url.full'] !== undefined);
    const toUs = requests.filter((span) => String(span.attributes['url.full']).startsWith(endpoint));
    return [
      ...counted('spans of the application', spans.filter(isTurn).length, 4),
      ...counted('spans of requests', requests.length, asked.length),
      ...counted('spans of our own export', toUs.length, 0),
      ...eachCarries(asked, 'traceparent', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    ];
  },
  sentry: (_, { reports, asked, endpoint }) => {
    const sent = sentrySpans(reports);
    const urls = sent.map(({ attributes }) => String(attributes?.['url.full']?.value ?? ''));
    return [
      ...counted('spans of the application', sent.filter(isTurn).length, 4),
      ...counted('spans of requests', urls.filter((url) => url.includes('/v1/')).length, asked.length),
      ...counted('spans of our own export', urls.filter((url) => url.startsWith(endpoint)).length, 0),
      ...eachCarries(asked, 'sentry-trace', /^[0-9a-f]{32}-[0-9a-f]{16}(-[01])?$/),
    ];
  },
  'dd-trace': datadog,
  'dd-trace5': datadog,
};

/** Its MessagePack is not decoded: names stand in it as they are. */
function datadog(_: readonly ReceivedSpan[], { reports, asked, endpoint }: Trial): string[] {
  const bodies = reports.filter(({ path }) => path.endsWith('/traces')).map(({ body }) => body);
  const count = (text: string) => Buffer.concat(bodies).toString('latin1').split(text).length - 1;
  return [
    ...(count('chat.turn') >= 4 ? [] : ['spans of the application are missing']),
    ...counted('spans of requests', count('http.url'), asked.length),
    ...counted('mentions of our own export', count(endpoint), 0),
    ...eachCarries(asked, 'x-datadog-trace-id', /^\d+$/),
  ];
}

function counted(what: string, came: number, expected: number): string[] {
  return came === expected ? [] : [`${came} ${what}, not ${expected}`];
}

/** Once and whole: two of it would be one with a comma. */
function eachCarries(requests: readonly ReceivedRequest[], name: string, pattern: RegExp): string[] {
  const odd = requests.find(({ headers }) => !pattern.test(String(headers[name])));
  return odd === undefined ? [] : [`a request with ${name}: ${odd.headers[name]}`];
}
