import { Worker } from 'node:worker_threads';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { monotonicMillis } from '../clock.js';
import { warn } from '../self-diagnostics.js';
import { type ExportOutcome, outcomeOfAnswer, outcomeOfGrpcCode, outcomeOfThrow } from './export-outcome.js';
import { serializerOf } from './http-transport.js';
import { type OtlpEndpoint, requestHeaders } from './otlp-endpoint.js';
import type { SynchronousExport } from './synchronous-export.js';
import { GRPC, WORKER_PROGRAM, type WorkerRequest } from './worker-program.js';

const NO_ANSWER: ExportOutcome = { kind: 'retry', afterMillis: undefined, detail: 'no answer in time' };

/**
 * OTLP over HTTP by a thread that is made when it is needed and waited for: nothing else delivers in the
 * `exit` event, whatever ends the process, without starting another program.
 */
export class WorkerExport implements SynchronousExport {
  #worker: Worker | undefined;

  constructor(private readonly endpoint: OtlpEndpoint) {}

  export(batches: readonly ReadableSpan[][], timeoutMillis: number): ExportOutcome[] {
    const deadline = monotonicMillis() + timeoutMillis;
    // One status for each, and how many have come.
    const answers = new Int32Array(new SharedArrayBuffer(4 * (batches.length + 1)));
    const outcomes = batches.map((batch, index) => this.#send(batch, index, answers));
    const awaited = outcomes.filter((outcome) => outcome === undefined).length;
    waitUntil(answers, batches.length, awaited, deadline);
    return outcomes.map((outcome, index) => outcome ?? outcomeOf(Atomics.load(answers, index)));
  }

  close(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** `undefined` where an answer will come. */
  #send(batch: readonly ReadableSpan[], index: number, answers: Int32Array): ExportOutcome | undefined {
    let body: Uint8Array | undefined;
    try {
      body = serializerOf(this.endpoint).serializeRequest([...batch]);
    } catch (error) {
      return outcomeOfThrow(error);
    }
    if (body === undefined) return NO_ANSWER;
    try {
      const request: WorkerRequest = { body, index, answers };
      this.#worker ??= startWorker(this.endpoint);
      this.#worker.postMessage(request);
      return undefined;
    } catch (error) {
      // Node's permission model, for one, can forbid threads.
      warn('spans could not be delivered at the end of the process', error);
      return NO_ANSWER;
    }
  }
}

function startWorker(endpoint: OtlpEndpoint): Worker {
  const options = {
    eval: true,
    workerData: { ...endpoint, headers: requestHeaders(endpoint) },
    // Whatever the application preloads, this package among it, has no business in there.
    execArgv: [],
    env: {},
  };
  const worker = new Worker(WORKER_PROGRAM, options);
  worker.unref();
  return worker.on('error', (error) => warn('spans could not be delivered at the end of the process', error));
}

function waitUntil(answers: Int32Array, counter: number, awaited: number, deadline: number): void {
  for (;;) {
    const come = Atomics.load(answers, counter);
    const left = deadline - monotonicMillis();
    if (come >= awaited || left <= 0) return;
    Atomics.wait(answers, counter, come, left);
  }
}

function outcomeOf(status: number): ExportOutcome {
  if (status <= 0) return NO_ANSWER;
  return status > GRPC ? outcomeOfGrpcCode(status - GRPC) : outcomeOfAnswer({ status });
}
