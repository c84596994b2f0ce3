/**
 * The measured process: makes calls as an application makes them, and says what they cost. Plain JavaScript,
 * so that no loader of the bench's own runs inside it. Run by bench/calls.ts with --expose-gc.
 */
import dns from 'node:dns';
import { inspect } from 'node:util';
import { setUp } from './caller-set-up.mjs';

const { variant, ...settings } = JSON.parse(process.argv[2]);

// Everything that is called is at an address: whoever looks a name up is on the way to somewhere else.
const lookedUp = new Set();
dns.lookup = (host, options, done = options) => {
  lookedUp.add(host);
  done(Object.assign(new Error(`nothing is looked up here: ${host}`), { code: 'ENOTFOUND' }));
};

const recorder = await setUp(variant);
// Loaded when all is set up: what patches packages does so while they are loaded.
const { callOf } = await import('./caller-calls.mjs');

/** CPU time of this process, user and system, for some calls one after the other and the export of their spans. */
async function run(question) {
  const { operation, call } = callOf(question, settings, recorder);
  let wrong = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < question.calls; i += 1) if (!(await recorder.around(operation, call))) wrong += 1;
  await recorder.flush();
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: user + system, wrong, lookedUp: [...lookedUp] };
}

/** Memory that calls hold which have their answer but are not over, or whose spans have not been sent. */
async function hold(question) {
  const { operation, call } = callOf(question, settings, recorder);
  let letGo;
  const gate = new Promise((resolve) => {
    letGo = resolve;
  });
  const ends = [];
  const before = heldBytes();
  for (let i = 0; i < question.calls; i += 1) {
    await new Promise((answered) => {
      const held = recorder.around(operation, async () => {
        await call();
        answered();
        await gate;
      });
      ends.push(held);
    });
  }
  const bytes = heldBytes() - before;
  letGo();
  await Promise.all(ends);
  await recorder.flush();
  return { bytesPerCall: bytes / question.calls };
}

function heldBytes() {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ANSWERS = { run, hold };

process.on('message', (question) => {
  ANSWERS[question.ask](question).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: inspect(error) }),
  );
});
process.on('disconnect', async () => {
  await recorder.flush();
  process.exit();
});
