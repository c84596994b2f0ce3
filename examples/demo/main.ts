import { type Ended, runNode } from '../../test/support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../test/support/otlp-receiver.js';
import { startProvider } from '../../test/support/provider.js';
import { buildTree, type RunTree } from '../../test/support/tree.js';
import { type DemoOptions, HELP, parseOptions } from './options.js';
import { relayTo } from './relay.js';
import { KEPT, SCRIPT, TURNS, WHY_NOTHING_OF_THE_OTHERS } from './script.js';
import { coloured, plain, treeText } from './tree-text.js';
import { type DemoViewer, startDemoViewer } from './viewer.js';

const APP = 'examples/demo/chat-app.mjs';
const SERVICE = 'chat-demo';
/** Not a real key. The demo checks that the received data does not contain it. */
const API_KEY = 'sk-demo-Jq7Zt0WmXc4RbV9LhKf2';

class DemoError extends Error {}

async function demo({ capture, endpoint: given, view }: DemoOptions): Promise<void> {
  const provider = await startProvider();
  const receiver = await startOtlpReceiver();
  let viewer: DemoViewer | undefined;
  try {
    viewer = view ? await startDemoViewer() : undefined;
    const endpoint = viewer?.url ?? given;
    provider.reply(...SCRIPT);
    const problem = endpoint === undefined ? () => undefined : relayTo(endpoint, receiver);
    console.log(`Running ${APP} against a scripted provider on ${provider.url}\n`);
    const app = await runApp(capture, provider.url, receiver.url);
    console.log(app.stdout.replace(/^/gm, '  ').trimEnd());
    const expected = KEPT[capture];
    const runs = await whatArrived(receiver, expected);
    const place = viewer !== undefined ? 'the viewer' : (given ?? `the receiver on ${receiver.url}`);
    if (runs.length !== expected) throw new DemoError(mismatch(place, runs, expected, problem(), app));
    if (Buffer.concat(receiver.bodies).includes(API_KEY)) throw new DemoError('the API key was sent along');
    console.log(`\n${TURNS} turns, ${runs.length} kept.`);
    if (runs.length < TURNS) console.log(WHY_NOTHING_OF_THE_OTHERS);
    console.log(`Arrived at ${place}: ${count(runs)}; the API key was not among it.\n`);
    console.log(treeText(runs, process.stdout.isTTY && process.stdout.hasColors() ? coloured : plain));
    if (given !== undefined) console.log(whereToLook(given, runs));
    if (viewer !== undefined) {
      console.log(`\nOpen ${pageOf(viewer, runs)}\nPress Ctrl-C to stop.`);
      await viewer.stopped;
    }
  } finally {
    await Promise.all([provider.close(), receiver.close(), viewer?.close()]);
  }
}

async function runApp(
  capture: DemoOptions['capture'],
  providerUrl: string,
  receiverUrl: string,
): Promise<Ended> {
  const app = await runNode(['--import', 'opentelemetry-instrumentation-chatdebug/register', APP], {
    timeoutMillis: 120_000,
    env: {
      CHATDEBUG_CAPTURE: capture === 'errors' ? undefined : capture,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiverUrl,
      OTEL_EXPORTER_OTLP_HEADERS: process.env['OTEL_EXPORTER_OTLP_HEADERS'],
      OTEL_SERVICE_NAME: SERVICE,
      OPENAI_API_KEY: API_KEY,
      OPENAI_BASE_URL: `${providerUrl}/v1`,
    },
  });
  if (app.code !== 0) {
    throw new DemoError(`${APP} ended with ${app.signal ?? `exit code ${app.code}`}\n${app.stderr}`);
  }
  return app;
}

/** The application has exited, so everything it sent has arrived or is being read. */
async function whatArrived(receiver: OtlpReceiver, expected: number): Promise<RunTree[]> {
  const ended = () => buildTree(receiver.spans).filter((run) => run.span !== undefined);
  await receiver.waitForSpans(() => ended().length >= expected, 1_000).catch(() => {});
  return ended();
}

function mismatch(
  place: string,
  runs: readonly RunTree[],
  expected: number,
  problem: string | undefined,
  app: Ended,
): string {
  const arrived = runs.length === 0 ? 'nothing' : `${runs.length} instead of ${expected} runs`;
  const why = problem === undefined ? '' : `: it ${problem}`;
  return `${arrived} arrived at ${place}${why}
${app.stderr}`;
}

function count(runs: readonly RunTree[]): string {
  const steps = runs.flatMap((run) => run.steps);
  const attempts = steps.flatMap((step) => step.attempts);
  const counts = [several(runs.length, 'run'), several(steps.length, 'step')];
  return [...counts, several(attempts.length, 'attempt')].join(', ');
}

function several(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** The URL of the page, with the turn open that failed with an unclassified error. */
function pageOf({ url }: DemoViewer, runs: readonly RunTree[]): string {
  const failed = runs.find(({ error }) => error?.kind === 'generic');
  return failed === undefined ? `${url}/` : `${url}/#run=${encodeURIComponent(failed.id)}`;
}

function whereToLook(endpoint: string, runs: readonly RunTree[]): string {
  const ids = runs.map((run) => `  ${run.traceId}`).join('\n');
  return `\nWhere ${endpoint} stores its traces, look for the service ${SERVICE} or for these trace ids:\n${ids}`;
}

async function main(): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : error}\nTry: npm run demo -- --help`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    await demo(options);
    return 0;
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message.trimEnd() : error}`);
    return 1;
  }
}

main().then((code) => {
  process.exitCode = code;
});
