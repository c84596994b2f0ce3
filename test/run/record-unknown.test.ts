import { type IncomingMessage, request } from 'node:http';
import { inspect } from 'node:util';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const ALL: ChatDebugOptions = { recordUnknown: () => true };
const ANSWER: Reply = { type: 'json', body: { id: 'a-1', model: 'fox-1', text: 'They pounce.' } };
const FAILED: Reply = { type: 'json', status: 500, body: { error: { message: 'The engine stopped.' } } };
const EVENTS: Reply = {
  type: 'sse',
  done: false,
  events: [{ data: { piece: 'They ' } }, { data: { piece: 'pounce.' } }],
};

const post = async (path = '/ask') => {
  const body = JSON.stringify({ model: 'fox-1', question: 'How do foxes hunt?' });
  return (await fetch(recording.provider.url + path, { method: 'POST', body })).text();
};
const steps = async () => (await recording.stop()).flatMap((run) => run.steps);

test.each([
  ['JSON', ANSWER],
  ['a stream of events', EVENTS],
])('inside a run a request answered with %s is a step, with its bodies', async (_, reply) => {
  recording = await startRecording(ALL);
  recording.provider.reply(reply);
  await withRun({ chatId: 'c' }, () => post());
  const [step, ...others] = await steps();
  expect(others).toEqual([]);
  expect(step).toMatchObject({ number: 1, status: 'completed', provider: '127.0.0.1', model: 'fox-1' });
  expect(step?.attempts[0]?.requestBody).toContain('How do foxes hunt?');
  expect(step?.attempts[0]?.responseBody).toContain('They ');
});

test.each<[string, Reply]>([
  ['text', { type: 'text', body: 'pong', headers: { 'content-type': 'text/plain' } }],
  ['an image', { type: 'text', body: 'GIF', headers: { 'content-type': 'image/gif' } }],
  ['no content', { type: 'text', status: 204, body: '' }],
  ['a redirect', { type: 'json', status: 304, body: '' }],
])('a request answered with %s is not a step', async (_, reply) => {
  recording = await startRecording(ALL);
  recording.provider.reply(reply);
  await withRun({}, () => post());
  expect(await steps()).toEqual([]);
});

test('is called with the request, not outside runs, and not inside steps, which record everything', async () => {
  const asked: unknown[] = [];
  recording = await startRecording({
    recordUnknown: ({ method, url, hostname, pathname }) => {
      asked.push([method, url.endsWith('/ask?key=1'), hostname, pathname]);
      return pathname === '/ask';
    },
  });
  recording.provider.reply(ANSWER);
  await post('/outside');
  await withRun({}, async () => {
    await post('/ask?key=1');
    await post('/other');
    await withStep({}, () => post('/in-step'));
  });
  expect(asked).toEqual([
    ['POST', true, '127.0.0.1', '/ask'],
    ['POST', false, '127.0.0.1', '/other'],
  ]);
  const paths = (await steps()).map(({ attempts }) => attempts.map(({ path }) => path?.split('?')[0]));
  expect(paths).toEqual([['/ask'], ['/in-step']]);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('odd');
    },
  ],
  ['returns a promise', async () => true],
  ['returns something else', () => 1],
])('one that %s records nothing, and the application gets its response', async (_, recordUnknown) => {
  recording = await startRecording({ recordUnknown: recordUnknown as never });
  recording.provider.reply(ANSWER);
  expect(await withRun({}, () => post())).toContain('They pounce.');
  expect(await steps()).toEqual([]);
});

describe('in errors capture', () => {
  test('a success leaves nothing, a failure its step without content', async () => {
    recording = await startRecording({ ...ALL, capture: 'errors' });
    recording.provider.reply(ANSWER, FAILED);
    await withRun({ chatId: 'good' }, () => post());
    await withRun({ chatId: 'bad' }, () => post());
    const runs = await recording.stop();
    expect(runs.map(({ chatId }) => chatId)).toEqual(['bad']);
    expect(runs[0]?.steps).toMatchObject([{ status: 'error', model: 'fox-1', statusCode: 500 }]);
    expect(inspect(runs, { depth: 20 })).not.toMatch(/foxes hunt|pounce/);
  });

  test('a failure with a successful retry is one step, and not kept', async () => {
    recording = await startRecording({ ...ALL, capture: 'errors' });
    recording.provider.reply(FAILED, ANSWER);
    await withRun({}, async () => {
      await post();
      await post();
    });
    expect(await recording.stop()).toEqual([]);
  });

  test.each<[string, Reply]>([
    ['cut before its response', { type: 'cut', when: 'before-headers' }],
    ['a stream that is cut', { type: 'sse', events: [{ data: {} }, { data: {} }], cutAfter: 1 }],
    [
      'an error in a stream',
      { type: 'sse', done: false, events: [{ event: 'error', data: { message: 'odd' } }] },
    ],
  ])('is judged as in full capture: %s', async (_, reply) => {
    const outcomes: unknown[] = [];
    for (const capture of ['errors', 'full'] as const) {
      recording = await startRecording({ ...ALL, capture, keepKinds: ['generic', 'timeout'] });
      recording.provider.reply(reply);
      await withRun({}, () => post()).catch(() => {});
      const [step] = await steps();
      outcomes.push([step?.status, step?.error?.type, step?.error?.kind]);
    }
    expect(outcomes[0]).toEqual(['error', expect.any(String), expect.any(String)]);
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});

test('a client over node:http has its metadata', async () => {
  recording = await startRecording(ALL);
  recording.provider.reply(ANSWER, { type: 'text', body: 'pong' });
  const get = () =>
    new Promise((resolve, reject) => {
      const read = (response: IncomingMessage) => response.resume().on('end', resolve);
      request(`${recording.provider.url}/ask`, read).on('error', reject).end();
    });
  await withRun({}, async () => {
    await get();
    await get();
  });
  expect(await steps()).toMatchObject([
    { status: 'completed', attempts: [{ method: 'GET', statusCode: 200 }] },
  ]);
});

test('parallel calls of two runs stay in their runs', async () => {
  recording = await startRecording(ALL);
  recording.provider.route((request) => ({ type: 'json', body: { asked: request.path }, delayMillis: 5 }));
  const turn = (chatId: string) =>
    withRun({ chatId }, () => Promise.all([post(`/${chatId}`), post(`/${chatId}`)]));
  await Promise.all(['a', 'b', 'c'].map(turn));
  const runs = await recording.stop();
  expect(runs).toHaveLength(3);
  for (const { chatId, steps: own } of runs) {
    const paths = own.flatMap(({ attempts }) => attempts.map(({ path }) => path));
    expect(paths).toEqual([`/${chatId}`, `/${chatId}`]);
  }
});
