import { channel } from 'node:diagnostics_channel';
import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { arrived } from './record.js';

/**
 * Events that no server can cause, published on undici's channels as some version of it or some dispatcher
 * around it does.
 */
const publish = (event: string, message: object) => channel(`undici:request:${event}`).publish(message);

class Request {
  readonly method = 'POST';
  readonly origin = 'http://provider.test';
  readonly path = '/v1';
  readonly headers = ['a', 'b'];
}

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording();
});
afterAll(() => recording.stop());

/** An exchange with a response of this content type and status, and the events published after it. */
async function exchange(contentType: string, after: (request: Request) => void, statusCode = 200) {
  const id = `${contentType} ${Math.random()}`;
  await withRun({ runId: id }, () =>
    withStep({}, async () => {
      const request = new Request();
      publish('create', { request });
      publish('headers', { request, response: { statusCode, headers: ['content-type', contentType] } });
      publish('bodyChunkReceived', { request, chunk: Buffer.from('data: 1\n\n') });
      after(request);
    }),
  );
  return (await arrived(recording, id)).attempt;
}

const failure = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });

test.each<[string, string, (request: Request) => void, object]>([
  [
    'an event stream that fails while closing has failed',
    'text/event-stream',
    (request) => {
      publish('trailers', { request, trailers: [] });
      publish('error', { request, error: failure });
    },
    { status: 'failed', errorType: 'UND_ERR_SOCKET' },
  ],
  [
    'an event stream that its reader lets go of after its end is complete',
    'text/event-stream',
    (request) => {
      publish('trailers', { request, trailers: [] });
      publish('error', { request, error: undefined });
      publish('error', { request, error: ['enough', undefined] });
    },
    { status: 'completed', errorType: undefined },
  ],
  [
    'for any other response the first end counts',
    'text/plain',
    (request) => {
      publish('trailers', { request, trailers: [] });
      publish('error', { request, error: failure });
    },
    { status: 'completed', errorType: undefined },
  ],
  [
    'an end after a failure changes nothing',
    'text/event-stream',
    (request) => {
      publish('error', { request, error: failure });
      publish('trailers', { request, trailers: [] });
    },
    { status: 'failed', errorType: 'UND_ERR_SOCKET' },
  ],
  [
    'both branches of a tee cancelled',
    'text/plain',
    (request) => publish('error', { request, error: ['a', 'b'] }),
    { status: 'interrupted' },
  ],
  [
    'a chunk after the end is not taken',
    'text/plain',
    (request) => {
      publish('trailers', { request, trailers: [] });
      publish('bodyChunkReceived', { request, chunk: Buffer.from('late') });
    },
    { status: 'completed', responseBody: 'data: 1\n\n' },
  ],
])('%s', async (_, contentType, after, expected) => {
  expect(await exchange(contentType, after)).toMatchObject(expected);
});

test('malformed messages and those of unknown requests are ignored', async () => {
  const request = new Request();
  const attempt = await exchange('text/plain', (known) => {
    for (const event of ['headers', 'bodyChunkSent', 'bodySent', 'bodyChunkReceived', 'trailers', 'error']) {
      publish(event, { request });
      publish(event, {});
    }
    publish('create', {});
    publish('bodyChunkReceived', { request: known });
    publish('trailers', { request: known, trailers: [] });
  });
  expect(attempt.status).toBe('completed');
});

test('a tunnel and a WebSocket are not exchanges', async () => {
  await withRun({ runId: 'tunnel' }, () =>
    withStep({}, async () => {
      publish('create', { request: Object.assign(new Request(), { method: 'CONNECT' }) });
      publish('create', { request: Object.assign(new Request(), { upgrade: 'websocket' }) });
    }),
  );
  const run = (await recording.runs()).find(({ id }) => id === 'tunnel');
  expect(run?.steps).toMatchObject([{ attemptCount: 0, status: 'completed', attempts: [] }]);
});
