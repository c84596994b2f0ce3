import type { ChatDebugOptions } from '../../src/index.js';
import { record } from '../attempt/record.js';
import { type Recording, startRecording } from '../support/recording.js';

const R = '[REDACTED]';

let recording: Recording;
afterEach(() => recording.stop());

/** The two bodies of a JSON exchange, as they arrive. */
async function bodies(options: ChatDebugOptions, request: string, response: object) {
  recording = await startRecording(options);
  recording.provider.reply({ type: 'json', body: response });
  const headers = { 'content-type': 'application/json' };
  const { attributes } = await record(recording, async () => {
    const answer = await fetch(recording.provider.url, { method: 'POST', headers, body: request });
    return answer.json();
  });
  return [attributes['chatdebug.attempt.request_body'], attributes['chatdebug.attempt.response_body']];
}

test('bodies are redacted by their names, and by those in redactKeys', async () => {
  const request = '{ "n": 12345678901234567890, "password": "hunter2", "ssn": [1] }';
  expect(await bodies({ redactKeys: ['SSN'] }, request, { access_token: 'x', tokens: 1 })).toEqual([
    `{ "n": 12345678901234567890, "password": "${R}", "ssn": "${R}" }`,
    `{"access_token":"${R}","tokens":1}`,
  ]);
});

test('redactExcept keeps values that are redacted for their name', async () => {
  const options = { redactExcept: ['access-token'] };
  expect(await bodies(options, '{"password":1}', { access_token: 'x' })).toEqual([
    `{"password":"${R}"}`,
    '{"access_token":"x"}',
  ]);
});

test('a cut body is redacted up to its cut, and text that is not JSON is replaced', async () => {
  const request = '{"text":"one two three","password":"hunter2"}';
  expect(await bodies({ maxBodyBytes: 40 }, request, {})).toEqual([
    `{"text":"one two three","password":"${R}"[TRUNCATED]`,
    '{}',
  ]);
  await recording.stop();
  expect(await bodies({}, 'password: hunter2', {})).toEqual([R, '{}']);
});
