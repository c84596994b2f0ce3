import { GoogleGenAI, type LiveServerMessage } from '@google/genai';
import { withRun } from '../../src/index.js';
import { text } from '../support/attributes.js';
import { type Recording, startRecording } from '../support/recording.js';
import { CLIENTS } from './clients.js';
import { type Event, type SocketServer, startSocketServer } from './socket-server.js';

let recording: Recording;
let server: SocketServer;
beforeEach(async () => {
  [recording, server] = await Promise.all([startRecording(), startSocketServer()]);
});
afterEach(async () => {
  await recording.stop();
  await server.close();
});

/** The server sends its JSON in binary messages. */
const binary = (message: Event) => Buffer.from(JSON.stringify(message, undefined, 2));
const USAGE = { promptTokenCount: 12, responseTokenCount: 7, totalTokenCount: 19 };
const SOUND = Buffer.alloc(2_400, 5).toString('base64');
const ANSWER = [
  {
    serverContent: {
      modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data: SOUND } }] },
    },
  },
  { serverContent: { outputTranscription: { text: 'Hello ' } } },
  { serverContent: { outputTranscription: { text: 'there.' } } },
  { serverContent: { generationComplete: true } },
  { serverContent: { turnComplete: true }, usageMetadata: USAGE },
].map(binary);
const CALL = { id: 'call_1', name: 'weather', args: { city: 'Berlin' } };

/** Opens a session with Google's client, and collects its messages. */
async function session() {
  const ai = new GoogleGenAI({
    apiKey: 'geheim-key',
    httpOptions: { baseUrl: server.url.replace('ws', 'http') },
  });
  const waiting = new Set<(message: LiveServerMessage) => void>();
  const live = await ai.live.connect({
    model: 'gemini-live-2.5-flash',
    config: { systemInstruction: 'Be brief.' },
    callbacks: {
      onmessage: (message) => {
        for (const look of waiting) look(message);
      },
    },
  });
  const until = (isLast: (message: LiveServerMessage) => unknown) =>
    new Promise<void>((resolve) => waiting.add((message) => isLast(message) && resolve()));
  return { live, until };
}

test("Google's client: turns, tool calls, audio and usage", async () => {
  server.answer((message) => {
    if ('setup' in message) return [binary({ setupComplete: {} })];
    if ('toolResponse' in message) return ANSWER;
    return [binary({ toolCall: { functionCalls: [CALL] }, usageMetadata: USAGE })];
  });
  await withRun({ chatId: 'c1' }, async () => {
    const { live, until } = await session();
    const called = until(({ toolCall }) => toolCall);
    live.sendClientContent({ turns: [{ role: 'user', parts: [{ text: 'How is the weather?' }] }] });
    await called;
    const over = until(({ serverContent }) => serverContent?.turnComplete);
    live.sendToolResponse({
      functionResponses: [{ id: 'call_1', name: 'weather', response: { sky: 'grey' } }],
    });
    await over;
    live.close();
  });
  const [run, ...others] = await recording.runs();
  expect(others).toEqual([]);
  const attempt = { status: 'completed', path: expect.stringMatching(/BidiGenerateContent$/) };
  const usage = { inputTokens: 12, outputTokens: 7 };
  const step = { status: 'completed', provider: 'gcp.gemini', model: 'gemini-live-2.5-flash', usage };
  expect(run?.steps).toMatchObject([
    { ...step, attempts: [attempt] },
    { ...step, attempts: [attempt] },
  ]);
  const [asked, answered] = run?.steps ?? [];
  expect(asked && text(asked.span, 'gen_ai.input.messages')).toContain('How is the weather?');
  expect(asked && text(asked.span, 'gen_ai.system_instructions')).toContain('Be brief.');
  expect(asked && text(asked.span, 'gen_ai.output.messages')).toContain('"name":"weather"');
  expect(answered && text(answered.span, 'gen_ai.input.messages')).toContain('grey');
  const output = JSON.parse((answered && text(answered.span, 'gen_ai.output.messages')) ?? '[]');
  expect(output[0].parts).toEqual([
    { type: 'text', content: 'Hello there.' },
    { type: 'blob', modality: 'audio', mime_type: 'audio/pcm;rate=24000', size: 2_400 },
  ]);
  expect(String(recording.receiver.bodies)).not.toContain('geheim-key');
  expect(String(recording.receiver.bodies)).not.toContain(SOUND.slice(0, 200));
});

test('a turn that the user interrupts, and one that the server refuses', async () => {
  let turns = 0;
  server.answer((message, socket) => {
    if ('setup' in message) return [binary({ setupComplete: {} })];
    turns += 1;
    if (turns === 1)
      return [...ANSWER.slice(0, 2), binary({ serverContent: { interrupted: true } }), ...ANSWER.slice(4)];
    socket.close(1011, 'You exceeded your current quota.');
    return [];
  });
  await withRun({}, async () => {
    const { live, until } = await session();
    const over = until(({ serverContent }) => serverContent?.turnComplete);
    live.sendClientContent({ turns: 'Tell me a story.' });
    await over;
    const closed = new Promise((resolve) => Reflect.get(live.conn, 'ws').once('close', resolve));
    live.sendClientContent({ turns: 'Another one.' });
    await closed;
  });
  const [run] = await recording.runs();
  expect(run?.steps).toMatchObject([
    { status: 'interrupted' },
    { status: 'error', attempts: [{ errorMessage: 'You exceeded your current quota.' }] },
  ]);
});

describe.each(CLIENTS)('$name', ({ connect }) => {
  test.each(['blob', 'arraybuffer'] as const)('binary messages as %s', async (binaryType) => {
    server.answer((message) => ('setup' in message ? [binary({ setupComplete: {} })] : ANSWER));
    await withRun({}, async () => {
      const socket = connect(
        `${server.url}/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent`,
      );
      socket.binaryType = binaryType;
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      let count = 0;
      const over = new Promise<void>((resolve) =>
        socket.addEventListener('message', () => ++count === ANSWER.length + 1 && resolve()),
      );
      socket.send(JSON.stringify({ setup: { model: 'models/gemini-live-2.5-flash' } }));
      socket.send(JSON.stringify({ client_content: { turns: [], turn_complete: true } }));
      await over;
      socket.close();
    });
    // A Blob is read after the event that delivers it.
    let runs = await recording.runs();
    while (runs.length === 0) runs = await recording.runs();
    expect(runs[0]?.steps).toMatchObject([
      { status: 'completed', usage: { inputTokens: 12, outputTokens: 7 } },
    ]);
  });
});
