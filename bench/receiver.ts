import { createServer } from 'node:http';

export interface Received {
  readonly spans: number;
  readonly bytes: number;
}

export interface Receiver {
  readonly url: string;
  /** Resolves with the data received since the last request, once it has that many spans or after a time limit. */
  take(spans: number): Promise<Received>;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[];
  }[];
}

const LONGEST_WAIT_MILLIS = 5_000;

/** An OTLP/HTTP receiver that counts. */
export async function startReceiver(): Promise<Receiver> {
  let received: Received = { spans: 0, bytes: 0 };
  let arrived = (): void => {};
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json').end('{"partialSuccess":{}}');
      const body = Buffer.concat(chunks);
      received = { spans: received.spans + countSpans(body), bytes: received.bytes + body.length };
      arrived();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async take(spans) {
      const deadline = performance.now() + LONGEST_WAIT_MILLIS;
      while (received.spans < spans && performance.now() < deadline) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LONGEST_WAIT_MILLIS);
          arrived = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const taken = received;
      received = { spans: 0, bytes: 0 };
      return taken;
    },
  };
}

function countSpans(body: Buffer): number {
  const { resourceSpans } = JSON.parse(body.toString()) as OtlpTraces;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)).length;
}
