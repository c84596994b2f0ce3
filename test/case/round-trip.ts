import type { ExportResult } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { attemptsOf, type FieldCase } from '../../src/case/format.js';
import { caseOfRun } from '../../src/case/from-run.js';
import { keptRuns, type RecordedRun } from '../../src/case/kept-run.js';
import { spansOfFile } from '../../src/cli/kept-runs.js';
import { ERROR_KINDS } from '../../src/error/index.js';
import { type ChatDebugOptions, startChatDebug } from '../../src/index.js';
import { differencesOf, differencesText, recordReplay } from '../../src/replay/check.js';
import { startReplay } from '../../src/replay/server.js';
import { ATTR_CHATDEBUG_ERROR_FINGERPRINT, ATTR_SERVER_PORT } from '../../src/semconv.js';
import { CLIENT_NAMES, CLIENTS, type ClientName } from '../outcomes/clients.js';
import type { Operation, Scenario, ScenarioSet } from '../outcomes/scenario.js';
import { SCENARIOS } from '../outcomes/scenarios.js';
import { read, type Scene } from '../outcomes/scene.js';
import { type Seen, seen } from '../outcomes/seen.js';
import { number, text } from '../support/attributes.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { buildTree, type RunTree } from '../support/tree.js';

/** Full capture, errors capture with synthesised bodies, and full capture without content. */
export type Mode = 'full' | 'errors' | 'without content';

/** The recordings of one row of docs/outcomes.md with one client, before and after. */
export interface RoundTrip {
  readonly scenario: string;
  readonly operation: Operation;
  readonly client: ClientName;
  readonly before: Recorded;
  /** The recording of the replay, with the same client. */
  readonly after: Recorded;
  /** The findings of `replay --check`, empty for none. */
  readonly differences: string;
  readonly synthesised: readonly string[];
}

export interface Recorded {
  readonly status: string | undefined;
  readonly kind: string | undefined;
  readonly fingerprint: string | undefined;
  readonly attempts: readonly string[];
  /** What the application got: the text, or the classes of the error. */
  readonly seen: string;
}

interface Played {
  readonly scenario: Scenario;
  readonly operation: Operation;
  readonly client: ClientName;
  readonly port: number;
  readonly seen: Seen;
}

const OPTIONS: Readonly<Record<Mode, ChatDebugOptions>> = {
  full: { capture: 'full' },
  errors: { capture: 'errors', keepKinds: ERROR_KINDS, keepPerFingerprint: 10_000, keepPerMinute: 10_000 },
  'without content': { capture: 'full' },
};

/** Unread responses, held so that they are not garbage-collected. */
const held: unknown[] = [];

/** The store of the runs, in addition to the receiver of the test. */
export interface Store {
  /** Takes OTLP over HTTP. */
  readonly endpoint: string;
  find(runId: string): Promise<RecordedRun | undefined>;
}

/** A file with the data of the receiver. */
function inFile({ bodies }: OtlpReceiver): Pick<Store, 'find'> {
  const runs = keptRuns(bodies.flatMap((body) => spansOfFile(String(body), 'traces.json')));
  return { find: async (runId) => runs.find(({ id }) => id === runId) };
}

/** Plays the rows of one set: records each, makes a case of it, and replays it to the same client and to the check. */
export async function roundTrips(
  mode: Mode,
  set: ScenarioSet,
  clients: readonly ClientName[] = CLIENT_NAMES,
  store?: Store,
): Promise<readonly RoundTrip[]> {
  const first = await recorded(mode, store, () => playAll(set, clients));
  const { find } = store ?? inFile(first.receiver);
  const cases = await Promise.all(
    first.played.map(async (played) => {
      const tree = runAt(first.runs, played.port);
      const run = tree && (await find(tree.id));
      if (run === undefined) return [];
      const made = caseOfRun(run, { noContent: mode === 'without content' });
      return [{ played, before: recordedOf(tree, played), made }];
    }),
  );
  const known = cases.flat();
  const second = await recorded(mode, undefined, () =>
    Promise.all(known.map(({ played, made }) => replayed(played, made))),
  );
  await first.receiver.close();
  await second.receiver.close();
  const trips: RoundTrip[] = [];
  for (const [index, { played, before, made }] of known.entries()) {
    const again = second.played[index];
    if (again === undefined) throw new Error('each case is replayed once');
    const differences = differencesOf(made.expect, await recordReplay(made, 0));
    trips.push({
      scenario: played.scenario.name,
      operation: played.operation,
      client: played.client,
      before,
      after: recordedOf(runAt(second.runs, again.port), again),
      differences: differences.length === 0 ? '' : differencesText(differences),
      synthesised: made.synthesised ?? [],
    });
  }
  return trips;
}

async function recorded<T extends readonly Played[]>(
  mode: Mode,
  store: Store | undefined,
  act: () => Promise<T>,
) {
  const receiver = await startOtlpReceiver();
  const urls = [receiver.url, ...(store === undefined ? [] : [store.endpoint])];
  const handle = startChatDebug({ ...OPTIONS[mode], exporter: exporterTo(urls) });
  const played = await act();
  await handle.shutdown();
  return { played, receiver, runs: buildTree(receiver.spans) };
}

function exporterTo(urls: readonly string[]): SpanExporter {
  const exporters = urls.map((url) => new OTLPTraceExporter({ url: `${url}/v1/traces` }));
  return {
    export: async (spans, done) => {
      const sent = exporters.map((one) => new Promise<ExportResult>((resolve) => one.export(spans, resolve)));
      const results = await Promise.all(sent);
      done(results.find(({ code }) => code !== 0) ?? { code: 0 });
    },
    shutdown: async () => void (await Promise.all(exporters.map((one) => one.shutdown()))),
  };
}

function playAll(set: string, clients: readonly ClientName[]): Promise<Played[]> {
  const scenarios = SCENARIOS.filter((scenario) => (scenario.set ?? 'quick') === set);
  return Promise.all(
    scenarios.flatMap((scenario) =>
      (scenario.operations ?? (['generate', 'stream'] as const)).flatMap((operation) =>
        clients
          .filter((client) => scenario.suits?.(client) ?? true)
          .map(async (client) => {
            const provider = await startProvider();
            const played = await play(scenario, client, operation, provider);
            return played;
          }),
      ),
    ),
  );
}

async function play(
  scenario: Scenario,
  name: ClientName,
  operation: Operation,
  provider: ScriptedProvider,
  act: Scenario['act'] = scenario.act,
): Promise<Played> {
  const client = CLIENTS[name];
  const { answer, stream } = client.dialect;
  const scene: Scene = {
    name,
    client,
    operation,
    provider,
    url: provider.url,
    good: operation === 'generate' ? answer : stream,
    keep: (thing) => void held.push(thing),
  };
  const got = await seen(act(scene), () => scene.url);
  return { scenario, operation, client: name, port: Number(new URL(scene.url).port), seen: got };
}

/** The same call of the same client, with the replay instead of the provider. */
async function replayed({ scenario, client, operation }: Played, made: FieldCase): Promise<Played> {
  const waiting = { arrived: () => {}, gone: () => {} };
  const arrived = new Promise<void>((resolve) => {
    waiting.arrived = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    waiting.gone = resolve;
  });
  const replay = await startReplay(made, {
    port: 0,
    speed: Number.POSITIVE_INFINITY,
    onRequest: (request) => {
      request.socket.on('close', waiting.gone);
      waiting.arrived();
    },
  });
  const provider: ScriptedProvider = {
    url: replay.url,
    requests: [],
    reply: () => {},
    route: () => {},
    arrived: () => arrived,
    gone: () => gone,
    close: replay.close,
  };
  const isRefused = attemptsOf(made)[0]?.response.end === 'refused';
  return play(scenario, client, operation, provider, isRefused ? (scene) => read(scene) : undefined);
}

function runAt(runs: readonly RunTree[], port: number): RunTree | undefined {
  return runs.find(({ steps }) => steps.some(({ span }) => number(span, ATTR_SERVER_PORT) === port));
}

function recordedOf(run: RunTree | undefined, { seen: got }: Played): Recorded {
  const [step] = run?.steps ?? [];
  return {
    status: step?.status,
    kind: step?.error?.kind,
    fingerprint: step && text(step.span, ATTR_CHATDEBUG_ERROR_FINGERPRINT),
    attempts: step?.attempts.map(({ statusCode, status }) => `${statusCode ?? 'no answer'} ${status}`) ?? [],
    seen: 'text' in got ? 'text' : classesOf(got.thrown),
  };
}

function classesOf({ class: name, cause }: { class: string; cause: unknown }): string {
  return cause === undefined ? name : `${name} < ${classesOf(cause as { class: string; cause: unknown })}`;
}
