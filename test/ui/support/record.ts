import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ERROR_KINDS } from '../../../src/error/index.js';
import { type ChatDebugOptions, startChatDebug } from '../../../src/index.js';
import { CLIENT_NAMES, CLIENTS } from '../../outcomes/clients.js';
import { type Played, play } from '../../outcomes/play.js';
import { type Scenario, SETS } from '../../outcomes/scenario.js';
import { SCENARIOS } from '../../outcomes/scenarios.js';

/** The output of this program, a line each: a scenario and the port of its call. */
export interface RecordedScenario {
  readonly scenario: string;
  readonly capture: 'errors' | 'full';
  readonly port: number;
}

const KEEP_ALL = { keepKinds: ERROR_KINDS, keepPerFingerprint: 1_000, keepPerMinute: 10_000 };

const OPTIONS: readonly ChatDebugOptions[] = [
  { capture: 'full' },
  { ...KEEP_ALL, capture: 'errors', attemptsAs: 'spans' },
];

/** Plays each row of docs/outcomes.md with one client, in both captures, and sends the spans to the endpoint in the environment. */
async function main([urlOfTheLast = '']: string[]): Promise<void> {
  const endpoint = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  for (const options of OPTIONS) {
    for (const set of Object.keys(SETS)) {
      const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
      const handle = startChatDebug({ ...options, exporter });
      const scenarios = SCENARIOS.filter((scenario) => (scenario.set ?? 'quick') === set);
      const played = await Promise.all(scenarios.map(playWithOne));
      await handle.shutdown();
      for (const { scenario, scene } of played) {
        const port = Number(new URL(scene.url).port);
        const line: RecordedScenario = { scenario: scenario.name, capture: options.capture as 'full', port };
        console.log(JSON.stringify(line));
        await scene.provider.close();
      }
    }
  }
  // Spans sent at the end of a process go to the endpoint in the environment.
  startChatDebug({ capture: 'full' });
  const stream = await CLIENTS['openai, chat'].stream({ url: urlOfTheLast });
  await stream[Symbol.asyncIterator]().next();
  process.exit();
}

function playWithOne(scenario: Scenario): Promise<Played> {
  const client = CLIENT_NAMES.find((name) => scenario.suits?.(name) ?? true) ?? 'openai, chat';
  return play(scenario, client, scenario.operations?.[0] ?? 'generate');
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
