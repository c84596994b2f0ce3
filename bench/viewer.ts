/**
 * `npx tsx bench/viewer.ts`: measures the throughput and the memory of the viewer, and the time in which its page shows
 * 1,000 runs. Needs the build and, for the page, Chromium (`npm run build:browser`). Options: `--spans 100000`, `--node
 * PATH`.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { SpanKind, TraceFlags } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type Child, startNode } from '../test/support/child.js';
import { openPage, startBrowser } from '../test/ui/support/browser.js';

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '100000' },
    node: { type: 'string', default: process.execPath },
  },
});
const SPANS = Number(values.spans);
/** The batch size of OpenTelemetry's own processor. */
const BATCH = 512;
const CONNECTIONS = 4;
/** Of a step: its messages and answer. */
const CONTENT_CHARACTERS = 1_000;
const RUNS_ON_PAGE = 1_000;
/** A run and its steps. */
const SPANS_OF_RUN = 4;

const resource = resourceFromAttributes({ 'service.name': 'bench' });
const words = 'the quick brown fox jumps over the lazy dog '.repeat(CONTENT_CHARACTERS / 44);

function span(index: number): ReadableSpan {
  const run = Math.floor(index / SPANS_OF_RUN);
  const step = index % SPANS_OF_RUN;
  const traceId = (run + 1).toString(16).padStart(32, '0');
  const idOf = (of: number) => (run * SPANS_OF_RUN + of + 1).toString(16).padStart(16, '0');
  const seconds = Math.floor(Date.now() / 1_000) - 1_000_000 / SPANS_OF_RUN + run;
  const message = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: `${index} ${words}` }] }]);
  return {
    name: step === 0 ? 'chat_turn' : 'generate gpt-4o-mini',
    kind: step === 0 ? SpanKind.INTERNAL : SpanKind.CLIENT,
    spanContext: () => ({ traceId, spanId: idOf(step), traceFlags: TraceFlags.SAMPLED }),
    ...(step > 0 && { parentSpanContext: { traceId, spanId: idOf(0), traceFlags: TraceFlags.SAMPLED } }),
    startTime: [seconds, step * 1_000_000],
    endTime: [seconds + 1, step * 1_000_000],
    duration: [1, 0],
    ended: true,
    status: { code: 0 },
    attributes: {
      'chatdebug.run.id': `run-${run}`,
      'gen_ai.conversation.id': `chat-${run % 100}`,
      'chatdebug.run.kind': 'chat_turn',
      'chatdebug.capture': 'full',
      'gen_ai.request.model': 'gpt-4o-mini',
      ...(step === 0
        ? { 'chatdebug.run.status': 'completed', 'chatdebug.run.step_count': SPANS_OF_RUN - 1 }
        : {
            'chatdebug.step.number': step,
            'chatdebug.step.status': 'completed',
            'gen_ai.input.messages': message,
          }),
    },
    events:
      step === 0
        ? []
        : [{ name: 'chatdebug.attempt', time: [seconds, 0], attributes: { 'chatdebug.attempt.number': 1 } }],
    links: [],
    resource,
    instrumentationScope: { name: 'bench' },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

async function startViewer(store: string): Promise<{ child: Child; url: string }> {
  const args = ['dist/cli.js', 'view', '--port', '0', '--store', store, '--max-size', '10GB'];
  const child = startNode(args, { execPath: values.node, timeoutMillis: 600_000 });
  return { child, url: (await child.line('Endpoint:')).replace(/^.*=/, '') };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** From Linux. */
function residentBytes(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
}

/** User and system time of a process. From Linux, where a tick is 10 ms. */
function cpuMillis(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return 10 * (Number(user) + Number(system));
}

/** Sends all bodies over a few connections at once. @returns how many were accepted */
async function send(url: string, bodies: readonly Uint8Array[]): Promise<number> {
  const waiting = [...bodies];
  let accepted = 0;
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
        const response = await fetch(`${url}/v1/traces`, {
          method: 'POST',
          headers,
          body: new Uint8Array(body),
        });
        if (response.status === 200 && (await response.text()) === '') accepted += 1;
      }
    }),
  );
  return accepted;
}

async function measureIntake(folder: string): Promise<void> {
  const bodies: Uint8Array[] = [];
  for (let at = 0; at < SPANS; at += BATCH) {
    const spans = Array.from({ length: Math.min(BATCH, SPANS - at) }, (_, index) => span(at + index));
    bodies.push(gzipSync(ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array()));
  }
  const store = join(folder, 'intake.sqlite');
  const { child, url } = await startViewer(store);
  const before = residentBytes(child.pid, 'VmRSS');
  const cpuBefore = cpuMillis(child.pid);
  const began = performance.now();
  const accepted = await send(url, bodies);
  const seconds = (performance.now() - began) / 1_000;
  const cpu = cpuMillis(child.pid) - cpuBefore;
  if (accepted !== bodies.length) throw new Error(`${accepted} of ${bodies.length} requests were accepted`);
  const [after, most] = [residentBytes(child.pid, 'VmRSS'), residentBytes(child.pid, 'VmHWM')];
  // Accepted data is not lost with the process.
  child.kill('SIGKILL');
  await child.ended;
  const again = await startViewer(store);
  const runs = Math.ceil(SPANS / SPANS_OF_RUN);
  let found = 0;
  for (const run of [0, Math.floor(runs / 2), runs - 2]) {
    const answer = await fetch(`${again.url}/runs/run-${run}`);
    found += ((await answer.json()) as { spans: unknown[] }).spans.length;
  }
  if (found !== 3 * SPANS_OF_RUN) throw new Error(`${found} spans of three runs were found after SIGKILL`);
  again.child.kill();
  await again.child.ended;
  console.log(
    `spans taken in: ${Math.round(SPANS / seconds)} per second, ${SPANS} in ${seconds.toFixed(1)} s, none lost`,
  );
  console.log(`CPU time: ${Math.round((1_000 * cpu) / SPANS)} µs for each span`);
  console.log(
    `memory: ${megabytes(before)} at the start, ${megabytes(after)} after, ${megabytes(most)} at most`,
  );
  console.log(
    `store: ${megabytes(statSync(store).size)}, ${Math.round(statSync(store).size / SPANS)} bytes for each span`,
  );
}

async function measurePage(folder: string): Promise<void> {
  const { child, url } = await startViewer(join(folder, 'page.sqlite'));
  for (let at = 0; at < RUNS_ON_PAGE * SPANS_OF_RUN; at += 500) {
    const spans = Array.from({ length: 500 }, (_, index) => span(at + index));
    await send(url, [gzipSync(ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array())]);
  }
  const browser = await startBrowser();
  const figures: { paint: number; list: number }[] = [];
  for (let round = 0; round < 5; round++) {
    const { page, close } = await openPage(browser, `${url}/`, '');
    await page
      .getByText(`${RUNS_ON_PAGE.toLocaleString('en')} runs`)
      .first()
      .waitFor();
    await page.locator('.card').first().waitFor();
    figures.push(
      await page.evaluate(`({
        paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
        list: performance.now(),
      })`),
    );
    await close();
  }
  const median = (all: readonly number[]) => Math.round([...all].sort((a, b) => a - b)[2] ?? 0);
  console.log(
    `page with ${RUNS_ON_PAGE} runs: first paint after ${median(figures.map(({ paint }) => paint))} ms, the list after ${median(figures.map(({ list }) => list))} ms`,
  );
  await browser.close();
  child.kill();
  await child.ended;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-bench-viewer-'));
  try {
    console.log(`${values.node}, ${cpus().length} cores`);
    await measureIntake(folder);
    await measurePage(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
