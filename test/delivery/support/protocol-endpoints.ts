import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '../../support/otlp-json.js';
import { startProvider } from '../../support/provider.js';

/** An endpoint that accepts one protocol only, and keeps the names of the accepted spans. */
export interface ProtocolEndpoint {
  readonly url: string;
  readonly names: string[];
  readonly headers: Readonly<IncomingHttpHeaders>[];
  close(): Promise<void>;
}

/** By what a test calls it. */
export type Taken = 'http/json' | 'http/protobuf' | 'grpc';

export function startEndpointFor(taken: Taken): Promise<ProtocolEndpoint> {
  return taken === 'grpc' ? startGrpcEndpoint() : startHttpEndpoint(taken);
}

async function startHttpEndpoint(taken: 'http/json' | 'http/protobuf'): Promise<ProtocolEndpoint> {
  const server = await startProvider();
  const names: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const type = taken === 'http/json' ? 'application/json' : 'application/x-protobuf';
  server.route((request) => {
    headers.push(request.headers);
    // Through a proxy it is a whole URL.
    if (new URL(request.path, server.url).pathname !== '/v1/traces') return undefined;
    if (request.headers['content-type'] !== type) return { type: 'json', status: 415, body: {} };
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request.body;
    names.push(
      ...(taken === 'http/json' ? decodeTraces(body.toString()).map(({ name }) => name) : spanNames(body)),
    );
    return { type: 'text', body: '', headers: { 'content-type': type } };
  });
  return { url: server.url, names, headers, close: server.close };
}

const EXPORT_METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

async function startGrpcEndpoint(): Promise<ProtocolEndpoint> {
  const names: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer();
  server.on('stream', (stream, requested) => {
    headers.push(requested);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('end', () => {
      const isExport = requested[':path'] === EXPORT_METHOD;
      if (isExport) names.push(...spanNames(Buffer.concat(chunks).subarray(5)));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': isExport ? '0' : '12' }));
      stream.end(Buffer.alloc(5));
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    names,
    headers,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The fields of an `ExportTraceServiceRequest`: `resource_spans` 1, `scope_spans` 2, `spans` 2, `name` 5. */
function spanNames(body: Uint8Array): string[] {
  let messages = [body];
  for (const field of [1, 2, 2, 5]) messages = messages.flatMap((message) => lengthDelimited(message, field));
  return messages.map((name) => Buffer.from(name).toString());
}

function lengthDelimited(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else {
      const length = varint();
      if (tag >>> 3 === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
