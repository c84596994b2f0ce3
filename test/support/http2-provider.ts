import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { readBody } from './loopback.js';
import type { ReceivedRequest, Route } from './provider.js';
import { sendReply } from './send-reply.js';
import { TEST_TLS } from './tls.js';

export interface Http2Provider {
  readonly url: string;
  close(): Promise<void>;
}

/** A provider on loopback over HTTP/2 and TLS. A reply with a cut resets its stream. */
export async function startHttp2Provider(answers: Route): Promise<Http2Provider> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer(TEST_TLS, async (incoming, response) => {
    const controller = new AbortController();
    response.on('error', () => {}).on('close', () => controller.abort());
    const { method, url: path, headers } = incoming;
    // The compatibility API of node:http2 has everything used of these.
    const body = await readBody(incoming as never);
    const request: ReceivedRequest = { method, path, headers, body, aborted: controller.signal.aborted };
    const reply = await answers(request);
    if (reply === undefined || controller.signal.aborted) return;
    await sendReply(reply, response as never, {
      closed: controller.signal,
      cut: () => response.stream.close(),
    });
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening on no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
