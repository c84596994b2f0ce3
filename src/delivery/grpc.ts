import { createRequire } from 'node:module';
import type { SpanExporter } from './exporter.js';
import type { OtlpEndpoint } from './otlp-endpoint.js';
import { GRPC_EXPORTER, grpcExporterPath } from './otlp-variables.js';

/** The parts of `@grpc/grpc-js` that are used here. */
interface Grpc {
  readonly Metadata: new () => { set(name: string, value: string): void };
  readonly credentials: {
    createInsecure(): unknown;
    createSsl(ca?: Buffer, key?: Buffer, cert?: Buffer): unknown;
  };
}

interface GrpcExporterModule {
  readonly OTLPTraceExporter: new (options: object) => SpanExporter;
}

/** @throws where the package is not installed */
export function createGrpcExporter(endpoint: OtlpEndpoint, userAgent: string): SpanExporter {
  const path = grpcExporterPath();
  if (path === undefined) throw new Error(`${GRPC_EXPORTER} is not installed`);
  const load = createRequire(path);
  const { OTLPTraceExporter } = load(path) as GrpcExporterModule;
  const grpcBase = load.resolve('@opentelemetry/otlp-grpc-exporter-base');
  const { Metadata, credentials } = createRequire(grpcBase)('@grpc/grpc-js') as Grpc;
  const { url, headers, gzip, tls, timeoutMillis } = endpoint;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new OTLPTraceExporter({
    url,
    metadata,
    credentials: url.startsWith('https:')
      ? credentials.createSsl(tls.ca, ...(tls.key && tls.cert ? [tls.key, tls.cert] : []))
      : credentials.createInsecure(),
    compression: gzip ? 'gzip' : 'none',
    timeoutMillis,
    userAgent,
  });
}
