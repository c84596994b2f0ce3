import { type Child, startNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import fc, { runs } from '../support/property.js';
import { deliverTo, stopAll } from './support/delivering.js';
import { filesIn, removeAll, temporaryDirectory, until } from './support/spooling.js';

const PROCESSES = 8;
const MILLIS = runs(120_000, 3_000);
const LEAST_WRITTEN = 100;

/** Writes spans without end, and prints the name of each once it is on disk. */
const WRITER = `
  const { writeSync, readdirSync } = require('node:fs');
  const { SpanDelivery } = require('../dist/delivery.js');
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const spool = { directory: process.env.DIRECTORY, maxBytes: 64e6, maxAgeMillis: 36e5, scanMillis: 50 };
  const delivery = new SpanDelivery({ spool, batchMillis: 5, exitTimeoutMillis: 500 });
  const tracer = new NodeTracerProvider({ spanProcessors: [delivery] }).getTracer('test');
  process.on('SIGTERM', () => process.exit(0));
  let count = 0;
  const write = () => {
    const name = process.env.NAME + ' ' + count++;
    tracer.startSpan(name, { attributes: { text: 'x'.repeat(Math.random() * 4_000) } }).end();
    writeSync(1, name + '\\n');
    setTimeout(write, Math.random() * 20);
  };
  write();`;

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(async () => {
  await stopAll();
  await receiver.close();
  removeAll();
});

/** Every other request fails, in phases. */
function unsteady(): void {
  let requests = 0;
  receiver.respond(() =>
    Math.floor(requests++ / 5) % 2 ? { type: 'json', status: 503, body: {} } : undefined,
  );
}

test(
  `${PROCESSES} processes in one directory, killed at random: no written span is lost`,
  async () => {
    const directory = temporaryDirectory();
    unsteady();
    const [lifetimes] = fc.sample(fc.array(fc.nat({ max: 2_000 }), { minLength: 500, maxLength: 500 }), 1);
    const written = new Set<string>();
    let started = 0;
    const begun = performance.now();
    // Many processes take longer on a busy machine.
    const isOver = () => performance.now() - begun > MILLIS && written.size > LEAST_WRITTEN;
    const keepOneRunning = async (): Promise<void> => {
      while (!isOver()) {
        const number = started++;
        const child = startNode(
          { source: WRITER, type: 'commonjs' },
          {
            env: { DIRECTORY: directory, NAME: `${number}`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
            timeoutMillis: MILLIS + 250_000,
          },
        );
        await killLater(child, lifetimes?.[number % 500] ?? 0, number);
        const { stdout } = await child.ended;
        for (const name of stdout.split('\n').slice(0, -1)) written.add(name);
      }
    };
    await Promise.all(Array.from({ length: PROCESSES }, keepOneRunning));
    receiver.respond();
    const last = deliverTo(receiver.url, {
      spool: { directory, maxBytes: 64e6, maxAgeMillis: 3_600_000, scanMillis: 50 },
    });
    const arrived = () => new Set(receiver.spans.map(({ name }) => name));
    const isEverythingDelivered = () => {
      const { queued, inFlight, spooled } = last.stats();
      return filesIn(directory).length === 2 && queued + inFlight === 0 && spooled === 0;
    };
    await until(isEverythingDelivered, 250_000);
    await last.shutdown();
    expect(written.size).toBeGreaterThan(LEAST_WRITTEN);
    const names = arrived();
    expect([...written].filter((name) => !names.has(name))).toEqual([]);
    expect(filesIn(directory)).toEqual([]);
  },
  MILLIS + 300_000,
);

/** Four in five by SIGKILL, the others like a deployment ends them, or after they were stopped for a while. */
async function killLater(child: Child, millis: number, number: number): Promise<void> {
  await child.line(' 0');
  await new Promise((resolve) => setTimeout(resolve, millis));
  if (number % 5 === 1) child.kill('SIGTERM');
  else if (number % 5 === 2) {
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, millis / 2));
    child.kill('SIGKILL');
  } else child.kill('SIGKILL');
}
