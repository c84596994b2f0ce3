import { startChatDebug, withRun, withStep } from '../../src/index.js';
import * as semconv from '../../src/semconv.js';
import fc, { runs } from '../support/property.js';
import { Kept } from './kept.js';
import { play, type Seen } from './script-client.js';
import { encodedBody, type ScriptServer, startScriptServer } from './script-server.js';
import { type Script, scripts } from './scripts.js';
import { NODE_MAJOR } from './undici-copies.js';

const RUNS = Number(process.env['CHATDEBUG_TEST_RUNS'] ?? runs(400, 50));

let server: ScriptServer;
beforeAll(async () => {
  server = await startScriptServer();
});
afterAll(() => server.close());

/** The script played without the package, in a step, and with the package outside a step. */
async function threeWays(script: Script) {
  const bare = await play(script, server);
  const exporter = new Kept();
  const handle = startChatDebug({ exporter, capture: 'full' });
  try {
    const inStep = await withRun({}, () => withStep({ operation: 'stream' }, () => play(script, server)));
    const beside = await play(script, server);
    await handle.forceFlush();
    return { bare, inStep, beside, attempts: exporter.attempts() };
  } finally {
    await handle.shutdown();
  }
}

/** The number of bytes before the interruption depends on timing. */
function comparable(seen: Seen, { ending }: Script): unknown {
  return ending.by === 'end' ? seen : { ...seen, body: undefined };
}

/** `undefined` if the body determines it. */
function expectedStatus({ ending, status, encoding, contentType }: Script, bare: Seen): unknown {
  // Leaving an error body unread is not an interruption.
  const isFailure = status >= 400 && !(ending.by === 'abort' && ending.when === 'before-headers');
  if (ending.by === 'abort' && !isFailure) return 'interrupted';
  if (bare.error !== undefined || isFailure) return 'failed';
  return encoding === undefined && contentType !== 'application/json' ? 'completed' : expect.any(String);
}

function expectBeginningOf(script: Script, seen: Seen): void {
  if (script.encoding !== undefined || script.status === 204 || script.status === 304) return;
  expect(Buffer.from(script.body).subarray(0, seen.body.length).equals(seen.body)).toBe(true);
}

/** A hang is a failure too, and prints its seed. */
const OPTIONS = { numRuns: RUNS, timeout: 10_000, endOnFailure: true };

test(
  'the application sees no difference with the recorder, inside and outside a step',
  async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const { bare, inStep, beside, attempts } = await threeWays(script);
        expect(comparable(inStep, script)).toEqual(comparable(bare, script));
        expect(comparable(beside, script)).toEqual(comparable(bare, script));
        for (const seen of [bare, inStep, beside]) expectBeginningOf(script, seen);
        expect(attempts).toHaveLength(1);
        const [attempt] = attempts;
        expect(attempt?.[semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS]).toEqual(expectedStatus(script, bare));
        const { request } = script;
        const sent = request.method === 'GET' ? undefined : Buffer.concat(request.pieces).length;
        // Node 20 does not show the first request on a connection that was open before.
        if (attempt?.[semconv.ATTR_CHATDEBUG_ATTEMPT_BODIES] === undefined)
          expect(attempt?.[semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE]).toBe(sent);
        else expect([script.client, NODE_MAJOR]).toEqual(['node:http', 20]);
        if (script.ending.by === 'end') {
          const size = encodedBody(script).length;
          expect(attempt?.[semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE] ?? 0).toBe(size);
        }
      }),
      OPTIONS,
    );
  },
  60_000 + 400 * RUNS,
);
