import { type OwnFormat, withRun } from '../../../src/index.js';
import { ownReading } from '../../../src/wire/reading/own-format.js';
import { openAiChat } from '../../../src/wire/recognition/openai.js';
import fc, { runs } from '../../support/property.js';
import { startRecording } from '../../support/recording.js';
import { eventsOf, recorded, recordedJson } from '../recorded.js';

const match = () => true;

test('any return value or error of the functions has facts that can be written', () => {
  const members = fc.record(
    Object.fromEntries(
      ['id', 'model', 'text', 'finishReason', 'usage', 'operation', 'system', 'messages'].map((name) => [
        name,
        fc.anything(),
      ]),
    ),
    { requiredKeys: [] },
  );
  const answers = fc.oneof(fc.anything(), members);
  const base = fc.constantFrom(undefined, openAiChat);
  fc.assert(
    fc.property(answers, fc.boolean(), base, fc.jsonValue(), (answer, throws, like, body) => {
      const odd = () => {
        if (throws) throw answer;
        return answer as never;
      };
      const own = { name: 'own', match, request: odd, response: odd, streamEvent: odd };
      const reading = ownReading(own, like);
      const stream = reading.openStream();
      for (const event of [JSON.stringify(body), 'no JSON']) stream.event(undefined, event);
      const facts = [reading.readRequest(body), reading.readResponse(body), stream.facts()];
      expect(() => JSON.stringify(facts)).not.toThrow();
      for (const { model } of facts) expect(['string', 'undefined']).toContain(typeof model);
    }),
    { numRuns: runs(1_000) },
  );
});

test('without a return value the facts of the known format apply', () => {
  const silent = { request: () => undefined, response: () => undefined, streamEvent: () => undefined };
  const reading = ownReading({ name: 'own', match, ...silent }, openAiChat);
  const [request, answer] = ['request', 'response'].map((kind) => recordedJson(`openai-chat-${kind}.json`));
  expect(reading.readRequest(request)).toEqual(openAiChat.readRequest(request));
  expect(reading.readResponse(answer)).toEqual(openAiChat.readResponse(answer));
  const [own, known] = [reading.openStream(), openAiChat.openStream()];
  for (const [event, data] of eventsOf(recorded('openai-chat-stream.sse'))) {
    own.event(event, data);
    known.event(event, data);
  }
  expect(own.facts()).toEqual(known.facts());
});

test('returned members replace those of the known format', () => {
  const own: OwnFormat = {
    name: 'own',
    match,
    request: () => ({ model: 'mine' }),
    response: (body) => ({ usage: { outputTokens: 7 }, text: JSON.stringify(body).slice(0, 1) }),
  };
  const reading = ownReading(own, openAiChat);
  const request = recordedJson('openai-chat-request.json');
  const answer = recordedJson('openai-chat-response.json');
  expect(reading.readRequest(request)).toEqual({ ...openAiChat.readRequest(request), model: 'mine' });
  const { id, usage } = openAiChat.readResponse(answer);
  expect(reading.readResponse(answer)).toMatchObject({
    id,
    usage: { ...usage, outputTokens: 7 },
    output: [{ parts: [{ type: 'text', content: '{' }] }],
  });
});

test('in errors capture only match is called for a successful call', async () => {
  const called: string[] = [];
  const note = (name: string) => () => void called.push(name);
  const own: OwnFormat = {
    name: 'own',
    match: ({ pathname }) => pathname === '/ask',
    request: note('request') as never,
    response: note('response') as never,
    streamEvent: note('streamEvent') as never,
  };
  const recording = await startRecording({ formats: [own], capture: 'errors' });
  recording.provider.reply({ type: 'json', body: { text: 'They pounce.' } });
  await withRun({}, async () => {
    await (await fetch(`${recording.provider.url}/ask`, { method: 'POST', body: '{"model":"m"}' })).text();
  });
  expect(await recording.stop()).toEqual([]);
  expect(called).toEqual([]);
});
