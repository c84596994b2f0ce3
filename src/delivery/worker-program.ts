/** What the thread is told to send. Its data is the {@link OtlpEndpoint}. */
export interface WorkerRequest {
  readonly body: Uint8Array;
  /** Where in `answers` the status goes: -1 where there is none. Its last place counts what has come. */
  readonly index: number;
  readonly answers: Int32Array;
}

/**
 * The thread's program, as a text: a file of its own would not be found in a bundled application, and the
 * source of a function holds the names of a bundler's or a transpiler's own functions.
 *
 * The head of an answer is enough, so that one which drips is not waited for.
 */
export const WORKER_PROGRAM = `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { url, headers, gzip, tls } = workerData;
const { Agent, request } = require(url.startsWith('https:') ? 'node:https' : 'node:http');
const { gzipSync } = require('node:zlib');

const agent = new Agent({ keepAlive: true, maxSockets: 4, ...tls });

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
    const encoding = gzip ? { 'content-encoding': 'gzip' } : {};
    const sent = request(url, { method: 'POST', agent, headers: { ...headers, ...encoding } }, (response) => {
      answer(response.statusCode);
      response.on('error', () => {}).resume();
    });
    sent.on('error', () => answer(-1));
    sent.end(gzip ? gzipSync(body) : body);
  } catch {
    answer(-1);
  }
});
`;
