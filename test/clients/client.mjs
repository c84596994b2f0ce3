// One set-up: makes the calls that the first argument lists, in parallel, and prints the result of each.
import { SET_UPS } from './set-ups/index.mjs';

const { name, calls, packagePath } = JSON.parse(process.argv[2]);
const { chatDebug, withRun } = await import(packagePath);
const setUp = SET_UPS.find((candidate) => candidate.name === name);
const client = await setUp.load();

/** Longer than the pauses of any client of the survey. */
const QUIET_MILLIS = 12_000;
/** Some calls never settle after their connection is cut: they are abandoned after a long time without activity. */
let giveUp;
const givenUp = new Promise((resolve) => {
  giveUp = () => resolve('the call does not settle');
});
const timer = setTimeout(giveUp, QUIET_MILLIS);

async function outcome({ mode, prompt, marker }) {
  const call = () => client[mode](prompt);
  try {
    const answer = await Promise.race([setUp.inRun ? withRun({}, call) : call(), givenUp]);
    return { marker, answer: typeof answer === 'string' ? answer : JSON.stringify(answer) };
  } catch (error) {
    return { marker, error: `${error?.name}: ${error?.message}`.slice(0, 300) };
  } finally {
    timer.refresh();
  }
}

// Some clients reject a promise that the application does not have when a stream breaks.
process.on('unhandledRejection', () => {});
const outcomes = await Promise.all(calls.map(outcome));
clearTimeout(timer);
await chatDebug().shutdown();
process.stdout.write(`\n${JSON.stringify({ outcomes })}\n`, () => process.exit(0));
