import { createHash } from 'node:crypto';
import { awsEvent, awsException } from '../support/aws-event-stream.js';
import { runNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';

const MEBIBYTE = 1_048_576;
/** Half of the shortest message here. Full capture holds its first mebibyte, and client and socket have buffers. */
const HALF = 4 * MEBIBYTE;
const delta = (text: string) => awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
const START = awsEvent('messageStart', { role: 'assistant' });
const LONG = delta('x'.repeat(16 * MEBIBYTE));
const STOP = awsEvent('messageStop', { stopReason: 'end_turn' });

/** Reads a response chunk by chunk without keeping it. Prints its hash and the largest growth of memory on the way. */
const CLIENT = `
const { createHash } = require('node:crypto');
const http = require('node:http');
const { chatDebug } = require('opentelemetry-instrumentation-chatdebug');
const url = process.env.PROVIDER_URL + '/model/amazon.nova-lite-v1%3A0/converse-stream';
const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hi' }] }] });
const opened = {
  fetch: async () => (await fetch(url, { method: 'POST', body })).body,
  http: () => new Promise((resolve) => http.request(url, { method: 'POST' }, resolve).end(body)),
};
const used = () => {
  // The second collection waits for buffers that the first one releases in the background.
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
(async () => {
  const hash = createHash('sha256');
  const stream = await opened[process.env.CLIENT]();
  let [size, measured, first, most, error] = [0, 0, undefined, 0, null];
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      size += chunk.length;
      if (size - measured < 2_097_152) continue;
      measured = size;
      const now = used();
      first ??= now;
      most = Math.max(most, now - first);
    }
  } catch (thrown) {
    error = thrown.name;
  }
  console.log(JSON.stringify({ size, hash: hash.digest('hex'), most, error }));
  await chatDebug().shutdown();
})();`;

let provider: ScriptedProvider;
let receiver: OtlpReceiver;
beforeEach(async () => {
  [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
});
afterEach(async () => {
  await Promise.all([provider.close(), receiver.close()]);
});

async function read(client: string, capture: string, body: Buffer, length = body.length) {
  provider.reply({
    type: 'text',
    body,
    headers: { 'content-type': 'application/vnd.amazon.eventstream', 'content-length': String(length) },
  });
  const child = await runNode(
    { source: CLIENT, type: 'commonjs' },
    {
      nodeOptions: ['--expose-gc', '--import', 'opentelemetry-instrumentation-chatdebug/register'],
      env: {
        CLIENT: client,
        CHATDEBUG_CAPTURE: capture,
        PROVIDER_URL: provider.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      },
    },
  );
  expect(child).toMatchObject({ code: 0, stderr: '' });
  const got = JSON.parse(child.stdout);
  expect(got).toMatchObject({ size: body.length, hash: createHash('sha256').update(body).digest('hex') });
  const steps = buildTree(receiver.spans).flatMap((run) => run.steps);
  return { ...got, steps };
}

describe.each(['fetch', 'http'])('an event stream of AWS with a message of 16 MB, by %s', (client) => {
  test.each(['errors', 'full'])('completed, in %s capture', async (capture) => {
    const { most, error, steps } = await read(client, capture, Buffer.concat([START, LONG, STOP]));
    expect(error).toBeNull();
    expect(most).toBeLessThan(HALF);
    const completed = [{ status: 'completed', attempts: [{ status: 'completed', statusCode: 200 }] }];
    expect(steps).toMatchObject(capture === 'full' ? completed : []);
  });

  test.each(['errors', 'full'])('with an exception after it, in %s capture', async (capture) => {
    const failed = awsException('modelStreamErrorException', 'The engine stopped.');
    const { most, steps } = await read(client, capture, Buffer.concat([START, LONG, failed]));
    expect(most).toBeLessThan(HALF);
    expect(steps).toMatchObject([
      { status: 'error', statusCode: 200, error: { kind: 'generic', type: 'modelStreamErrorException' } },
    ]);
  });

  test('cut inside it', async () => {
    const whole = Buffer.concat([START, LONG, STOP]);
    const { most, error, steps } = await read(client, 'full', whole.subarray(0, 8 * MEBIBYTE), whole.length);
    expect(error).not.toBeNull();
    expect(most).toBeLessThan(HALF);
    expect(steps).toMatchObject([{ status: 'error', attempts: [{ status: 'failed' }] }]);
  });
});
