import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import type { Capture } from '../../src/index.js';
import { hasZstd } from '../support/encoding.js';
import { completionStream } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { SseReply } from '../support/reply.js';

const MODES = ['errors', 'full'] as const satisfies readonly Capture[];
const ENCODINGS = ['gzip', 'deflate', 'br', ...(hasZstd ? (['zstd'] as const) : [])] as const;
const ERROR_EVENT = {
  data: { error: { message: 'No luck today.', type: 'server_error', param: null, code: null } },
};

let recording: Recording;
afterEach(() => recording.stop());

/** Makes a call and reads the whole response. Rejects if this Node's `fetch` cannot decode it. */
async function ask(reply: Reply, signal?: AbortSignal): Promise<number> {
  recording.provider.reply(reply);
  const url = `${recording.provider.url}/v1/chat/completions`;
  const response = await fetch(url, { method: 'POST', body: '{"stream":true}', ...(signal && { signal }) });
  return (await response.arrayBuffer()).byteLength;
}

/** Status, kind and attempts of the kept runs, one for each failure. */
async function outcomes() {
  const runs = await recording.runs();
  return runs.map(({ status, error, steps }) => [
    status,
    error?.kind,
    steps.flatMap(({ attempts }) => attempts.map((attempt) => attempt.status)),
  ]);
}

const beginning = ({ events }: SseReply) => events.slice(0, 3);

describe.each(MODES)('in %s', (capture) => {
  beforeEach(async () => {
    recording = await startRecording({ capture, keepKinds: ['generic', 'timeout'] });
  });
  const kept = capture === 'full' ? [['completed', undefined, ['completed']]] : [];

  test.each(ENCODINGS)('an error event in %s is a failure', async (encoding) => {
    const stream = completionStream('Hello there.', { encoding });
    const reply = { ...stream, events: [...beginning(stream), ERROR_EVENT], done: false };
    await ask(reply).catch(() => {});
    expect(await outcomes()).toEqual([['error', 'generic', ['failed']]]);
  });

  test.each(ENCODINGS)('%s without the terminal event is a failure', async (encoding) => {
    const stream = completionStream('Hello there.', { encoding });
    await ask({ ...stream, events: beginning(stream), done: false }).catch(() => {});
    expect(await outcomes()).toEqual([['error', 'timeout', ['failed']]]);
  });

  test.each(ENCODINGS)('a complete stream in %s is a success', async (encoding) => {
    await ask(completionStream('Hello there.', { encoding })).catch(() => {});
    expect(await outcomes()).toEqual(kept);
    expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, bodyBytes: 0, runs: { started: 1 } });
  });

  test('the application gets the unchanged response', async () => {
    const stream = completionStream('Hello there.', { encoding: 'gzip' });
    recording.provider.reply({ ...stream, events: [...beginning(stream), ERROR_EVENT], done: false });
    const client = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
    const answer = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
    let text = '';
    const read = async () => {
      for await (const chunk of answer) text += chunk.choices[0]?.delta.content ?? '';
    };
    await expect(read()).rejects.toThrow('No luck today.');
    expect(text).toBe('Hello there.');
    expect(await outcomes()).toEqual([['error', 'generic', ['failed']]]);
  });

  test('an aborted stream is judged by what arrived before', async () => {
    const controller = new AbortController();
    const stream = completionStream('Hello there.', { encoding: 'gzip' });
    recording.provider.reply({ ...stream, hangAfter: 3 });
    const url = `${recording.provider.url}/v1/chat/completions`;
    const response = await fetch(url, { method: 'POST', body: '{}', signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    await recording.provider.gone();
    expect(await outcomes()).toEqual(capture === 'full' ? [['interrupted', undefined, ['interrupted']]] : []);
  });

  test.each([
    ['an unknown encoding', { 'content-encoding': 'rot13' }, 'data: 1\n\n'],
    ['a body in another encoding', { 'content-encoding': 'gzip' }, 'data: 1\n\n'],
  ])('a stream with %s is not judged by its content', async (_, headers, body) => {
    const type = { 'content-type': 'text/event-stream' };
    await ask({ type: 'text', body, headers: { ...type, ...headers } }).catch(() => {});
    const [outcome = kept[0]] = await outcomes();
    expect(outcome?.[1]).not.toBe('timeout');
  });

  test('a stream beyond the bound is a success, unless its beginning contains an error', async () => {
    const event = () => `data: {"text":"${randomBytes(50_000).toString('hex')}"}\n\n`;
    const long = (first: string): Reply => ({
      type: 'text',
      body: gzipSync([first, ...Array.from({ length: 8 }, event)].join('')),
      headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' },
    });
    await ask(long(''));
    expect(await outcomes()).toEqual(kept);
    await ask(long(`data: ${JSON.stringify(ERROR_EVENT.data)}\n\n`));
    expect(await outcomes()).toEqual([...kept, ['error', 'generic', ['failed']]]);
    expect(recording.handle.stats().bodyBytes).toBe(0);
  });
});
