import { once } from 'node:events';
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { completion, completionStream } from '../support/openai-replies.js';
import { sseText } from '../support/send-reply.js';
import type { SceneServer } from './node-http-scene-server.js';
import { NODE_MAJOR } from './undici-copies.js';

export const BODY = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Grüße, 你好"}]}';
export const ANSWER = JSON.stringify(completion('Grüße, 你好').body);
export const EVENTS = [...completionStream('Grüße, 你好 there.').events.map(sseText), 'data: [DONE]\n\n'];

/** Runs the application and reports what it sees. */
export interface Play {
  readonly server: SceneServer;
  readonly agent: Agent;
  readonly say: (...what: unknown[]) => void;
}

type Act = (play: Play) => Promise<void>;

export interface Scene {
  readonly name: string;
  readonly act: Act;
  /** What is recorded, if it is a model call. */
  readonly attempts: readonly object[];
}

const SENT = { requestBody: BODY };
const whole = { ...SENT, status: 'completed', statusCode: 200, responseBody: ANSWER };
const streamed = { ...SENT, status: 'completed', statusCode: 200, responseBody: EVENTS.join('') };
const interrupted = { ...SENT, status: 'interrupted', statusCode: 200 };

/** Sends, and reports all events of the request. */
function send({ server, agent, say }: Play, path: string, options: RequestOptions = {}): ClientRequest {
  const headers = { 'content-type': 'application/json', ...options.headers };
  const sent = request(server.url + path, { method: 'POST', agent, ...options, headers });
  for (const event of ['finish', 'close', 'abort', 'timeout', 'continue', 'information', 'response'])
    sent.on(event, () => say('request', event));
  sent.on('error', ({ name, message, code }: NodeJS.ErrnoException) => say('request', name, message, code));
  say(Object.keys(sent).sort());
  return sent;
}

/** The response, with all of its events. */
async function answerTo({ say }: Play, sent: ClientRequest): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  for (const event of ['end', 'close', 'aborted'])
    answer.on(event, () => say('answer', event, answer.complete));
  answer.on('error', ({ name, message, code }: NodeJS.ErrnoException) => say('answer', name, message, code));
  say(answer.statusCode, Object.keys(answer).sort(), answer.readableFlowing);
  return answer;
}

const closed = (stream: ClientRequest | IncomingMessage) =>
  new Promise<void>((resolve) => void (stream.closed ? resolve() : stream.once('close', resolve)));

async function read(play: Play, sent: ClientRequest): Promise<void> {
  const answer = await answerTo(play, sent);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  play.say('read', Buffer.concat(chunks).toString(), answer.trailers);
  await closed(sent);
}

const scene = (name: string, attempts: readonly object[], act: Act): Scene => ({ name, attempts, act });

/** Aborts the exchange, in a stream that continues. */
const breaking = (name: string, end: (answer: IncomingMessage, sent: ClientRequest) => void): Scene =>
  scene(name, [interrupted], async (play) => {
    const sent = send(play, '/v1/chat/completions?endless');
    sent.end(BODY);
    const answer = await answerTo(play, sent);
    await once(answer, 'data');
    end(answer, sent);
    await Promise.all([closed(answer), closed(sent)]);
  });

const reading = (name: string, readAll: (answer: IncomingMessage, play: Play) => Promise<void>): Scene =>
  scene(name, [streamed], async (play) => {
    const sent = send(play, '/v1/chat/completions?stream');
    sent.end(BODY);
    const answer = await answerTo(play, sent);
    await readAll(answer, play);
    await closed(answer);
  });

const writing = (name: string, write: (sent: ClientRequest, play: Play) => unknown): Scene =>
  scene(name, [whole], async (play) => {
    const sent = send(play, '/v1/chat/completions?whole');
    const answered = read(play, sent);
    await write(sent, play);
    await answered;
  });

const bytes = Buffer.from(BODY);

/** Reads each chunk slowly. */
function slowly(say: Play['say']): Writable {
  let size = 0;
  return new Writable({
    highWaterMark: 16,
    write: (chunk, _, done) => {
      size += chunk.length;
      setImmediate(done);
    },
    final: (done) => {
      say('written', size);
      done();
    },
  });
}

export const SCENES: readonly Scene[] = [
  writing('end with a text', (sent) => sent.end(BODY)),
  writing('end with bytes', (sent) => sent.end(new Uint8Array(bytes))),
  writing('end with a callback', (sent) => new Promise<void>((resolve) => sent.end(BODY, resolve))),
  writing('writes, then end', (sent, { say }) => {
    say(sent.write(bytes.subarray(0, 20)), sent.write(bytes.subarray(20)));
    sent.end();
  }),
  writing('pieces in encodings', (sent) => {
    sent.write(bytes.subarray(0, 20).toString('hex'), 'hex');
    sent.write(bytes.subarray(20, 40).toString('base64'), 'base64');
    sent.write(bytes.subarray(40, 45).toString('latin1'), 'latin1');
    sent.end(bytes.subarray(45));
  }),
  writing('corked', (sent) => {
    sent.cork();
    sent.write(BODY.slice(0, 20));
    sent.write(BODY.slice(20), () => {});
    sent.uncork();
    sent.end();
  }),
  writing('headers first', async (sent) => {
    sent.flushHeaders();
    await once(sent, 'socket');
    sent.end(BODY);
  }),
  writing('piped into', (sent) => pipeline(Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]), sent)),
  writing('writes that Node.js refuses', async (sent, { say }) => {
    const refused = (write: () => unknown) => {
      try {
        say(typeof write());
      } catch (error) {
        say((error as NodeJS.ErrnoException).code);
      }
    };
    refused(() => sent.write(null));
    refused(() => sent.write(7));
    sent.end(BODY);
    refused(() => sent.write('more'));
    refused(() => sent.end('more'));
  }),
  writing('over a wrapper that the application assigns', (sent, { say }) => {
    const { write } = sent;
    sent.write = function (...args: unknown[]) {
      say('wrapped');
      return Reflect.apply(write, this, args);
    };
    sent.write(BODY);
    sent.end();
  }),
  // Node 20 does not show what is written after the connection is open.
  scene('100 Continue', [NODE_MAJOR < 22 ? { ...whole, requestBody: undefined } : whole], async (play) => {
    const sent = send(play, '/v1/chat/completions?whole', { headers: { expect: '100-continue' } });
    const answered = read(play, sent);
    await once(sent, 'continue');
    sent.end(BODY);
    await answered;
  }),
  scene('103 Early Hints', [whole], async (play) => {
    const sent = send(play, '/v1/chat/completions?hints');
    sent.end(BODY);
    await read(play, sent);
  }),
  scene('trailers', [whole], async (play) => {
    const sent = send(play, '/v1/chat/completions?trailers');
    sent.end(BODY);
    await read(play, sent);
  }),
  scene('a connection that is used again', [whole, whole, whole], async (play) => {
    for (let i = 0; i < 3; i += 1) {
      const sent = send(play, '/v1/chat/completions?whole');
      sent.end(BODY);
      await read(play, sent);
      play.say(sent.reusedSocket);
    }
  }),
  reading('by events', async (answer, { say }) => {
    let text = '';
    answer.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    await once(answer, 'end');
    say(text);
  }),
  reading('by read()', async (answer, { say }) => {
    let text = '';
    answer.on('readable', () => {
      for (let chunk = answer.read(7); chunk !== null; chunk = answer.read(7)) text += chunk.toString('hex');
      const rest: Buffer | null = answer.read();
      text += rest?.toString('hex') ?? '';
    });
    await once(answer, 'end');
    say(text);
  }),
  reading('as text', async (answer, { say }) => {
    let text = '';
    answer.setEncoding('utf8');
    for await (const chunk of answer) text += chunk;
    say(text);
  }),
  reading('with pauses', async (answer, { say }) => {
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      answer.pause();
      setImmediate(() => answer.resume());
    });
    await once(answer, 'end');
    say(size);
  }),
  reading('by pipe', async (answer, { say }) => {
    const into = slowly(say);
    answer.pipe(into);
    await once(into, 'finish');
  }),
  reading('by pipeline', (answer, { say }) => pipeline(answer, new PassThrough(), slowly(say))),
  reading('with an own push', async (answer, { say }) => {
    const { push } = answer;
    let pushed = 0;
    answer.push = function (chunk: unknown) {
      pushed += 1;
      return Reflect.apply(push, this, [chunk]);
    };
    for await (const _ of answer);
    say(pushed > 0, Object.hasOwn(answer, 'push'));
  }),
  breaking('answer.destroy()', (answer) => void answer.destroy()),
  breaking('answer.destroy() with an error', (answer) => void answer.destroy(new Error('enough'))),
  breaking('request.destroy()', (_, sent) => void sent.destroy()),
  breaking('request.abort()', (_, sent) => sent.abort()),
  scene('the request destroyed in response', [interrupted], async (play) => {
    const sent = send(play, '/v1/chat/completions?endless');
    sent.on('response', () => sent.destroy()).end(BODY);
    await closed(sent);
  }),
  scene('leaving a loop over the response', [interrupted], async (play) => {
    const sent = send(play, '/v1/chat/completions?endless');
    sent.end(BODY);
    for await (const _ of await answerTo(play, sent)) break;
    await closed(sent);
  }),
  scene('a signal', [interrupted], async (play) => {
    const controller = new AbortController();
    const sent = send(play, '/v1/chat/completions?endless', { signal: controller.signal });
    sent.end(BODY);
    const answer = await answerTo(play, sent);
    await once(answer, 'data');
    controller.abort();
    await Promise.all([closed(answer), closed(sent)]);
  }),
  scene('a reset', [{ ...SENT, status: 'failed', errorType: 'ECONNRESET' }], async (play) => {
    const sent = send(play, '/v1/chat/completions?reset');
    sent.end(BODY);
    const answer = await answerTo(play, sent);
    answer.resume();
    await Promise.all([closed(answer), closed(sent)]);
  }),
  scene('a timeout', [{ ...SENT, status: 'failed', errorMessage: 'timed out' }], async (play) => {
    const sent = send(play, '/v1/chat/completions?hang', { timeout: 30 });
    sent.on('timeout', () => sent.destroy(new Error('timed out'))).end(BODY);
    await closed(sent);
  }),
  scene('HEAD', [], async (play) => {
    const sent = send(play, '/v1/chat/completions?whole', { method: 'HEAD' });
    sent.end();
    await read(play, sent);
  }),
  scene('a response without a body', [{ ...SENT, statusCode: 204 }], async (play) => {
    const sent = send(play, '/v1/chat/completions?empty');
    sent.end(BODY);
    await read(play, sent);
  }),
  scene('a response that is read later', [whole], async (play) => {
    const sent = send(play, '/v1/chat/completions?whole');
    sent.end(BODY);
    const answer = await answerTo(play, sent);
    await play.server.answered();
    for await (const chunk of answer) play.say(String(chunk));
  }),
];
