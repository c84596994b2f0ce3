import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as undici from 'undici';
import { startChatDebug, withRun, withStep } from '../../src/index.js';
import { startProvider } from '../support/provider.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/**
 * undici aborts the exchange of an unread response when it is garbage-collected. A reference to the request
 * prevents that. Resolves when the server sees that the client is gone.
 */
async function dropUnread(open: (url: string) => Promise<unknown>): Promise<boolean> {
  const provider = await startProvider();
  provider.reply({ type: 'hang', when: 'in-body' });
  let gone = false;
  try {
    await open(provider.url);
    const seen = provider.gone().then(() => {
      gone = true;
    });
    for (let i = 0; i < 500 && !gone; i++) {
      collect();
      await turn();
    }
    if (gone) await seen;
    return gone;
  } finally {
    await provider.close();
  }
}

test.each<[string, (url: string) => Promise<unknown>]>([
  ["Node's fetch", (url) => fetch(url)],
  ['npm fetch', (url) => undici.fetch(url)],
])('%s: an unread response is released as without the recorder', async (_, open) => {
  const bare = await dropUnread(open);
  const handle = startChatDebug({
    capture: 'full',
    exporter: { export: (_, done) => done({ code: 0 }), shutdown: async () => {} },
  });
  const recorded = await withRun({}, () => withStep({ operation: 'stream' }, () => dropUnread(open)));
  await handle.shutdown();
  expect(bare).toBe(true);
  expect(recorded).toBe(bare);
});
