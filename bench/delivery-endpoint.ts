import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The fault of the endpoint. */
export type Fault = 'none' | '503' | 'refused' | 'hang' | '429';

export type EndpointQuestion =
  | { readonly ask: 'url' }
  | { readonly ask: 'fault'; readonly fault: Fault }
  | { readonly ask: 'received' };

export interface Received {
  readonly spans: number;
  /** Duplicate spans, each further one counted. */
  readonly duplicates: number;
  readonly requests: number;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly spanId: string }[] }[];
  }[];
}

/** An OTLP/HTTP endpoint in a separate process, whose fault can be switched on and off. */
function main(): void {
  const seen = new Set<string>();
  let duplicates = 0;
  let requests = 0;
  let fault: Fault = 'none';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests++;
      if (fault === 'hang') return;
      if (fault !== 'none') return refuse(response, Number(fault));
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as OtlpTraces;
      for (const { spanId } of resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans))) {
        if (seen.has(spanId)) duplicates++;
        seen.add(spanId);
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    const change = async (next: Fault): Promise<void> => {
      if (next === 'refused') await new Promise<void>((resolve) => close(server, resolve));
      if (fault === 'refused')
        await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
      fault = next;
    };
    process.on('message', async (question: EndpointQuestion) => {
      if (question.ask === 'fault') await change(question.fault);
      const received: Received = { spans: seen.size, duplicates, requests };
      process.send?.({ answer: question.ask === 'url' ? `http://127.0.0.1:${port}` : received });
    });
  });
  process.on('disconnect', () => process.exit());
}

function refuse(response: ServerResponse, status: number): void {
  if (status === 429) response.setHeader('retry-after', '30');
  response.writeHead(status).end();
}

function close(server: ReturnType<typeof createServer>, closed: () => void): void {
  server.close(closed);
  server.closeAllConnections();
}

main();
