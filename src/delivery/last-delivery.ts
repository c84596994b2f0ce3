import { BlockList, isIPv4 } from 'node:net';
import { Worker } from 'node:worker_threads';
import { monotonicMillis } from '../clock.js';
import { debug, explains, warn } from '../self-diagnostics.js';
import type { DeliveryOptions } from './options.js';
import { proxyVariables } from './otlp-connection.js';
import { type Environment, type OtlpEndpoint, requestHeaders } from './otlp-endpoint.js';
import { inBatches, type SpanQueue } from './queue.js';
import type { Settlement } from './sender.js';
import {
  describeOutcome,
  type ExportOutcome,
  NO_ANSWER,
  outcomeOfAnswer,
  outcomeOfGrpcCode,
  type Transport,
} from './transport.js';

export interface LastDeliveryParts {
  readonly queue: SpanQueue;
  readonly settlement: Settlement;
  readonly transport: Transport;
  readonly options: Pick<DeliveryOptions, 'batchSpans' | 'exitTimeoutMillis'>;
}

/** A small number, since serialized batches are a second copy in memory. */
const BATCHES_AT_A_TIME = 4;

/**
 * Delivers synchronously, within the time limit for the end of the process. A signal may use part of it before the
 * `exit` event.
 */
export class LastDelivery {
  #millisLeft: number;

  constructor(private readonly parts: LastDeliveryParts) {
    this.#millisLeft = parts.options.exitTimeoutMillis;
  }

  /** Restores the whole time limit. Call when nothing is left to deliver. */
  reset(): void {
    this.#millisLeft = this.parts.options.exitTimeoutMillis;
  }

  /** Delivers as much as possible. The rest stays undelivered. Does not retry, since the process is about to end. */
  deliver(): void {
    const { queue, settlement, transport, options } = this.parts;
    const deadline = monotonicMillis() + this.#millisLeft;
    const pending = inBatches(queue.unsettled(), { spans: options.batchSpans, bytes: settlement.batchBytes });
    while (pending.length > 0 && this.#millisLeft > 0) {
      const round = pending.splice(0, BATCHES_AT_A_TIME);
      const spans = round.map((batch) => batch.map(({ span }) => span));
      const outcomes = transport.sendBlocking(spans, this.#millisLeft);
      if (explains()) {
        const words = outcomes.map(describeOutcome).join(', ');
        debug(`${spans.flat().length} spans were sent as the process ends: ${words}`);
      }
      this.#millisLeft = Math.max(0, deadline - monotonicMillis());
      const next = outcomes.map((outcome, index) => settlement.settle(round[index] ?? [], outcome));
      if (next.includes(undefined)) break;
      pending.unshift(...next.flatMap((pieces) => pieces ?? []));
    }
    transport.endBlocking();
  }
}

const NOT_SENT = 'spans could not be delivered at the end of the process';

/**
 * Sends OTLP from a worker thread and blocks until it is done. This is the only way to deliver in the `exit` event
 * without starting another program.
 */
export class WorkerSender {
  #worker: Worker | undefined;

  constructor(private readonly endpoint: OtlpEndpoint) {}

  /** @returns the outcome of each message, in order */
  send(bodies: readonly Uint8Array[], timeoutMillis: number): ExportOutcome[] {
    const deadline = monotonicMillis() + timeoutMillis;
    // One status for each message, and the number of responses.
    const answers = new Int32Array(new SharedArrayBuffer(4 * (bodies.length + 1)));
    const posted = bodies.filter((body, index) => this.#post({ body, index, answers })).length;
    waitUntil(answers, bodies.length, posted, deadline);
    return bodies.map((_, index) => outcomeOf(Atomics.load(answers, index)));
  }

  close(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** @returns true if a response will come */
  #post(request: WorkerRequest): boolean {
    try {
      this.#worker ??= startWorker(this.endpoint);
      this.#worker.postMessage(request);
      return true;
    } catch (error) {
      // The permission model of Node.js can forbid threads.
      warn(NOT_SENT, error);
      return false;
    }
  }
}

function startWorker(endpoint: OtlpEndpoint): Worker {
  const options = {
    eval: true,
    workerData: {
      ...endpoint,
      headers: requestHeaders(endpoint),
      proxyEnv: proxyVariables(endpoint.url),
      grpcProxy: grpcProxy(endpoint.url, process.env),
    },
    // Modules that the application preloads must not run in the thread.
    execArgv: [],
    env: {},
  };
  const worker = new Worker(WORKER_PROGRAM, options);
  worker.unref();
  return worker.on('error', (error) => warn(NOT_SENT, error));
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

/**
 * Returns the proxy for gRPC, by the rules of `@grpc/grpc-js`: it has its own variables and reads the others in lower
 * case only.
 */
export function grpcProxy(url: string, env: Environment): string | undefined {
  const proxy = env['grpc_proxy'] || env['https_proxy'] || env['http_proxy'];
  if (proxy === undefined || !URL.canParse(proxy) || new URL(proxy).protocol !== 'http:') return undefined;
  const { hostname } = new URL(url);
  const except = (env['no_grpc_proxy'] || env['no_proxy'])?.split(',') ?? [];
  return except.some((host) => hostname.endsWith(host) || isIn(hostname, host)) ? undefined : proxy;
}

function isIn(address: string, subnet: string): boolean {
  const [network = '', bits = ''] = subnet.split('/');
  if (!isIPv4(address) || !isIPv4(network) || !/^([0-9]|[12][0-9]|3[0-2])$/.test(bits)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits));
  return list.check(address);
}

/** A message to the thread. The thread's `workerData` is the {@link OtlpEndpoint}. */
export interface WorkerRequest {
  readonly body: Uint8Array;
  /** The index of its status in `answers`. The last element counts responses. */
  readonly index: number;
  readonly answers: Int32Array;
}

/** Added to a gRPC status to tell it from an HTTP status. gRPC's 0 becomes 200. */
const GRPC = 1_000;

/**
 * The program of the thread, as a string: a bundled application would not find a file, and the source of a function
 * may refer to helpers of a bundler.
 *
 * The response headers are enough: a slow response body does not delay the process.
 */
const WORKER_PROGRAM = `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { protocol, url, headers, gzip, tls, proxyEnv, grpcProxy } = workerData;
const send = protocol === 'grpc' ? overGrpc() : overHttp();

parentPort.on('message', ({ body, index, answers }) => {
  let answered = false;
  const answer = (status) => {
    if (answered) return;
    answered = true;
    Atomics.store(answers, index, status);
    Atomics.add(answers, answers.length - 1, 1);
    Atomics.notify(answers, answers.length - 1);
  };
  try {
    send(body, answer);
  } catch {
    answer(-1);
  }
});

function overHttp() {
  const { Agent, request } = require(url.startsWith('https:') ? 'node:https' : 'node:http');
  const { gzipSync } = require('node:zlib');
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ...tls, proxyEnv });
  return (body, answer) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      answer(response.statusCode);
      response.on('error', () => {}).resume();
    });
    sent.on('error', () => answer(-1));
    sent.end(gzip ? gzipSync(body) : body);
  };
}

function overGrpc() {
  const opened = grpcProxy === undefined ? Promise.resolve(open(tls)) : tunnel().then(open);
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const { 'content-encoding': _, ...metadata } = headers;
  const head = { ...metadata, ':method': 'POST', ':path': method, 'content-type': 'application/grpc', te: 'trailers' };
  const ask = (session, body, answer) => {
    const status = ({ 'grpc-status': code }) => {
      if (code !== undefined) answer(Number(code) === 0 ? 200 : ${GRPC} + Number(code));
    };
    const sent = session.request(head);
    sent.on('response', status).on('trailers', status);
    sent.on('error', () => answer(-1)).on('close', () => answer(-1)).resume();
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.length, 1);
    sent.write(prefix);
    sent.end(body);
  };
  return (body, answer) => {
    opened.then((session) => ask(session, body, answer)).catch(() => answer(-1));
  };
}

function open(options) {
  return require('node:http2').connect(url, options).on('error', () => {});
}

/** Options for an existing connection through a proxy. */
function tunnel() {
  const to = new URL(url);
  const by = new URL(grpcProxy);
  const path = to.hostname + ':' + (to.port || (to.protocol === 'https:' ? 443 : 80));
  const user = decodeURIComponent(by.username + (by.password && ':' + by.password));
  const authorization = user && { 'proxy-authorization': 'Basic ' + Buffer.from(user).toString('base64') };
  const { hostname: host, port = 80 } = by;
  const request = { method: 'CONNECT', host, port, path, headers: { host: path, ...authorization } };
  return new Promise((resolve, reject) => {
    require('node:http').request(request).on('error', reject).on('connect', ({ statusCode }, socket, head) => {
      if (statusCode !== 200) return reject(new Error('no tunnel'));
      // The server's settings may have arrived with the proxy's response.
      if (head.length > 0) socket.unshift(head);
      const secured = { socket, servername: to.hostname, ALPNProtocols: ['h2'], ...tls };
      const isSecure = to.protocol === 'https:';
      resolve({ createConnection: () => (isSecure ? require('node:tls').connect(secured) : socket) });
    }).end();
  });
}
`;
