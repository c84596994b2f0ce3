import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ERROR_KINDS } from '../../src/error/index.js';
import { type ChatDebugOptions, startChatDebug } from '../../src/index.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { CLIENT_NAMES, CLIENTS, type ClientName, PROMPT } from './clients.js';
import { type Recorded, recordedAt } from './recorded.js';
import { type Operation, type Scenario, type ScenarioSet, SETS } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import type { Scene } from './scene.js';
import { type Seen, seen } from './seen.js';

/** `bare` without this package, to compare with; `all kinds` is errors capture that keeps every kind of error. */
export const MODES = ['bare', 'full', 'errors', 'all kinds'] as const;
export type Mode = (typeof MODES)[number];

/** What this program prints, a line each: first one call of one client, … */
export interface CallSeen {
  readonly mode: Mode;
  readonly scenario: string;
  readonly operation: Operation;
  readonly client: ClientName;
  /** By the application. */
  readonly seen: Seen;
  readonly recorded: Recorded;
}

/** … then what holds for all calls that were made together. */
export interface ModeSeen {
  readonly mode: Mode;
  /** At the end. */
  readonly liveRuns: number;
  /** Promises that nobody handled. */
  readonly unhandled: readonly string[];
  /** Something of the question was delivered. */
  readonly tellsPrompt: boolean;
}

const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

/** More fail alike here than errors mode would keep. */
const KEEP_ALL = { keepPerFingerprint: 1_000, keepPerMinute: 10_000 };

const OPTIONS: Readonly<Record<Exclude<Mode, 'bare'>, ChatDebugOptions>> = {
  full: { capture: 'full' },
  errors: { capture: 'errors' },
  'all kinds': { capture: 'errors', keepKinds: ERROR_KINDS, errorText: 'full' },
};

/** What nobody reads, held until the end, so that it is not collected before. */
const kept: unknown[] = [];

interface Played {
  readonly scenario: Scenario;
  readonly scene: Scene;
  readonly seen: Seen;
}

async function play(scenario: Scenario, name: ClientName, operation: Operation): Promise<Played> {
  const client = CLIENTS[name];
  const { answer, stream } = client.dialect;
  const provider = await startProvider();
  const scene: Scene = {
    name,
    client,
    operation,
    provider,
    url: provider.url,
    good: operation === 'generate' ? answer : stream,
    keep: (thing) => void kept.push(thing),
  };
  return { scenario, scene, seen: await seen(scenario.act(scene), () => scene.url) };
}

/** Plays the scenarios with every client at once. */
async function playAll(scenarios: readonly Scenario[]): Promise<Played[]> {
  const played = scenarios.flatMap((scenario) => {
    const clients = CLIENT_NAMES.filter((name) => scenario.suits?.(name) ?? true);
    const { operations = ['generate', 'stream'] } = scenario;
    return operations.flatMap((operation) => clients.map((client) => play(scenario, client, operation)));
  });
  return Promise.all(played);
}

async function perform(mode: Mode, set: ScenarioSet): Promise<void> {
  const receiver = await startOtlpReceiver();
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
  const handle =
    mode === 'bare' ? undefined : startChatDebug({ ...KEEP_ALL, ...SETS[set], ...OPTIONS[mode], exporter });
  const played = await playAll(SCENARIOS.filter((scenario) => (scenario.set ?? 'quick') === set));
  if (set === 'abandoned') await handle?.shutdown();
  else await handle?.forceFlush();
  const liveRuns = () => handle?.stats().liveRuns ?? 0;
  await until(() => liveRuns() === 0);
  print({ mode, liveRuns: liveRuns(), unhandled, tellsPrompt: String(receiver.bodies).includes(PROMPT) });
  await handle?.shutdown();
  const runs = buildTree(receiver.spans);
  for (const { scenario, scene, seen } of played) {
    const { name: client, operation, provider, url } = scene;
    const recorded = recordedAt(url, runs, client, operation);
    print({ mode, scenario: scenario.name, operation, client, seen, recorded });
    await provider.close();
  }
  await receiver.close();
}

function print(line: CallSeen | ModeSeen): void {
  console.log(JSON.stringify(line));
}

async function until(met: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!met() && performance.now() < deadline) await sleep(10);
}

/** Ends this process as soon as every client, each at a URL of its own, has the first piece of a stream. */
async function endInTheMiddle(urls: readonly string[]): Promise<void> {
  startChatDebug({ capture: 'full' });
  const firstPieces = CLIENT_NAMES.map(async (name, index) => {
    const stream = await CLIENTS[name].stream({ url: urls[index] ?? '' });
    await stream[Symbol.asyncIterator]().next();
  });
  await Promise.all(firstPieces);
  process.exit();
}

async function main(): Promise<void> {
  for (const mode of MODES) {
    for (const set of Object.keys(SETS) as ScenarioSet[]) await perform(mode, set);
  }
  await endInTheMiddle(process.argv.slice(2));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
