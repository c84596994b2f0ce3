import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import type { ReceivedRequest } from '../support/provider.js';
import { buildTree, type RunTree } from '../support/tree.js';
import { type Beside, type Cell, INSIDE } from './cell.js';
import { PACKAGE } from './program.js';

/** The results of an application that has ended. */
export interface Trial {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The requests at the provider. */
  readonly asked: readonly ReceivedRequest[];
  /** The spans at the endpoint of chat runs, and at that of the application's own tracing. */
  readonly chatRuns: readonly ReceivedSpan[];
  readonly application: readonly ReceivedSpan[];
  /** The requests of tracing that does not use OTLP. */
  readonly reports: readonly ReceivedRequest[];
  /** The URL of the endpoint of chat runs. */
  readonly endpoint: string;
}

/** Describes what is wrong. Empty if nothing is. */
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

/** A client still exports its own spans, one for each of the five calls. */
function itsSpans({ client: { spans } }: Cell, all: readonly ReceivedSpan[]): string[] {
  if (spans === undefined) return [];
  return counted("spans of the client's own", all.filter(({ name }) => spans.test(name)).length, 5);
}

/** One warning on a runtime whose `fetch` is not observable, elsewhere none. */
function warnings({ runner }: Cell, stderr: string): string[] {
  const expected = runner === 'bun' || runner === 'deno' ? ['is not observable'] : [];
  const said = stderr.split('\n').filter((line) => line.includes('ChatDebugWarning'));
  if (said.length === expected.length && said.every((line, at) => line.includes(expected[at] ?? '')))
    return [];
  return [said.length === 0 ? 'no warning at start-up' : `unexpected warning: ${said.join('\n')}`];
}

function differences(expected: readonly unknown[], came: readonly unknown[]): string[] {
  if (isDeepStrictEqual(came, expected)) return [];
  return [`received ${JSON.stringify(came)}, expected ${JSON.stringify(expected)}`];
}

/** Each run of a turn is below the application's span of it. */
function ownParents(spans: readonly ReceivedSpan[]): string[] {
  const turns = new Set(spans.filter(isTurn).map(({ spanId }) => spanId));
  const below = spans.filter((span) => isOurs(span) && turns.has(span.parentSpanId ?? ''));
  return counted('runs below spans of the application', below.length, 3);
}

const isTurn = ({ name }: { readonly name: string }): boolean => name === 'POST /chat';

/** The application's own tracing has each turn once and each request once. */
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

/** Does not decode MessagePack, which contains names unchanged. */
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
  return came === expected ? [] : [`${came} ${what}, expected ${expected}`];
}

/** Exactly once: a duplicate header would contain a comma. */
function eachCarries(requests: readonly ReceivedRequest[], name: string, pattern: RegExp): string[] {
  const odd = requests.find(({ headers }) => !pattern.test(String(headers[name])));
  return odd === undefined ? [] : [`a request with ${name}: ${odd.headers[name]}`];
}

interface SentrySpan {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, { readonly value: unknown } | undefined>>;
}

/** The spans in Sentry's envelopes: lines of JSON, some of which contain a list of items. */
function sentrySpans(requests: readonly ReceivedRequest[]): SentrySpan[] {
  return requests.flatMap(({ headers, body }) => {
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    return text
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .flatMap((line) => (JSON.parse(line) as { items?: SentrySpan[] }).items ?? []);
  });
}

/** The compared facts of a run. */
interface RunFacts {
  readonly chatId: string | undefined;
  readonly capture: string | undefined;
  readonly status: string | undefined;
  readonly kind: string | undefined;
  readonly steps: readonly StepFacts[];
}

interface StepFacts {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly status: string | undefined;
  readonly attempts: readonly (number | undefined)[];
  readonly bodies: string;
}

/** The own `fetch` of Bun and Deno is not observable, unless it is a recorded one. */
const seesRequests = ({ runner, client }: Cell): boolean =>
  (runner !== 'bun' && runner !== 'deno') || client.isNodeHttp === true || client.recordedBy !== undefined;

/**
 * The expected runs of the turns in `program.ts`: each except for the healthy one in errors mode, with one step and
 * an attempt for each request.
 */
function expectedRuns(cell: Cell): RunFacts[] {
  const { provider, retries, model, inStep } = cell.client;
  const step = (status: string, attempts: number[], capture: string): StepFacts[] => {
    if (seesRequests(cell))
      return [
        {
          provider,
          model,
          status,
          attempts,
          bodies: capture === 'full' ? 'seen' : 'none',
        },
      ];
    return inStep === true ? [{ provider, model, status, attempts: [], bodies: 'no attempt' }] : [];
  };
  const failed = {
    capture: 'errors',
    status: 'error',
    kind: 'generic',
    steps: step('error', retries ? [500, 500] : [500], 'errors'),
  };
  const succeeded = (chatId: string, attempts: number[]): RunFacts => ({
    chatId,
    capture: 'full',
    status: 'completed',
    kind: undefined,
    steps: step('completed', attempts, 'full'),
  });
  return [
    { chatId: 'failing', ...failed },
    succeeded('rescued', retries ? [500, 200] : [200]),
    succeeded('streamed', [200]),
    ...(seesRequests(cell) ? [{ chatId: undefined, ...failed }] : []),
  ];
}

/** The facts of the received runs. */
function factsOf(runs: readonly RunTree[]): RunFacts[] {
  return runs.map(({ chatId, capture, status, error, steps }) => ({
    chatId,
    capture,
    status,
    kind: error?.kind,
    steps: steps.map((step) => ({
      provider: step.provider,
      model: step.model,
      status: step.status,
      attempts: step.attempts.map(({ statusCode }) => statusCode),
      bodies: bodiesOf(step.attempts.at(-1)),
    })),
  }));
}

function bodiesOf(attempt: RunTree['steps'][number]['attempts'][number] | undefined): string {
  if (attempt === undefined) return 'no attempt';
  const said = attempt.event.attributes['chatdebug.attempt.bodies'];
  if (said !== undefined) return String(said);
  const { requestBody, responseBody } = attempt;
  if (requestBody === undefined && responseBody === undefined) return 'none';
  const whole = /rescued|streamed/.test(requestBody ?? '') && /umbrella|Take/.test(responseBody ?? '');
  return whole ? 'seen' : `request ${requestBody}, response ${responseBody}`;
}

/** The content of a cell of the page. */
export type Outcome = 'yes' | 'not observable' | 'no';

/** The outcome of an application that behaves as far as its runtime allows. */
export function soundOutcome(cell: Cell): Outcome {
  return seesRequests(cell) ? 'yes' : 'not observable';
}
