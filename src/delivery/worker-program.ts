/** What the thread is told to send. Its data is the {@link OtlpEndpoint}. */
export interface WorkerRequest {
  readonly body: Uint8Array;
  /** Where in `answers` the status goes: -1 where there is none. Its last place counts what has come. */
  readonly index: number;
  readonly answers: Int32Array;
}

/** Added to a status of gRPC, which are small numbers; its 0 is told as 200. */
export const GRPC = 1_000;

/**
 * The thread's program, as a text: a file of its own would not be found in a bundled application, and the
 * source of a function holds the names of a bundler's or a transpiler's own functions.
 *
 * The head of an answer is enough, so that one which drips is not waited for.
 */
export const WORKER_PROGRAM = `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { protocol, url, headers, gzip, tls } = workerData;
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
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ...tls });
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
  const session = require('node:http2').connect(url, tls);
  session.on('error', () => {});
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const { 'content-encoding': _, ...metadata } = headers;
  const head = { ...metadata, ':method': 'POST', ':path': method, 'content-type': 'application/grpc', te: 'trailers' };
  return (body, answer) => {
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
}
`;
