import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NO_CONTEXTS } from '../attempt/callers.js';
import { installHttpClientRecorder } from '../attempt/http-client.js';
import { installRecorder, type RecorderOptions } from '../attempt/recorder.js';
import { monotonicMillis } from '../clock.js';
import { type Finding, fail, ok, type Surroundings } from './check.js';

const WAYS: Readonly<Record<string, (url: string, signal: AbortSignal) => Promise<unknown>>> = {
  fetch: (url, signal) => fetch(url, { signal }).then((response) => response.text()),
  'node:http': (url, signal) =>
    new Promise((resolve, reject) => {
      get(url, { signal, agent: false }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      );
    }),
};

/**
 * Whether a request of each client is seen by what records requests, in a Node.js with these NODE_OPTIONS: asks a
 * server on loopback, which nobody else can reach.
 */
export async function checkRequests({ timeoutMillis }: Surroundings): Promise<Finding> {
  const seen = new Set<string>();
  const recorder: RecorderOptions<never> = {
    recognise: () => undefined,
    begin: ({ path }) => void seen.add(path),
    now: monotonicMillis,
    contexts: NO_CONTEXTS,
  };
  const uninstall = [installRecorder(recorder), installHttpClientRecorder(recorder)];
  try {
    await askOnLoopback(AbortSignal.timeout(timeoutMillis));
  } finally {
    for (const undo of uninstall) undo();
  }
  const unseen = Object.keys(WAYS).filter((way) => !seen.has(`/${way}`));
  if (unseen.length === 0) return ok('requests by fetch and by node:http are seen');
  return fail(
    `requests by ${unseen.join(' and by ')} are not seen`,
    'Something that NODE_OPTIONS loads has taken its place, as mocks and polyfills do. Without it, calls are recorded.',
  );
}

async function askOnLoopback(signal: AbortSignal): Promise<void> {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const asked = Object.entries(WAYS).map(([way, ask]) => ask(`http://127.0.0.1:${port}/${way}`, signal));
    // One that fails was seen all the same, or was not.
    await Promise.allSettled(asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
