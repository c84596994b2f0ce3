import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { VERSION } from '../version.js';

/** What all that is sent begins its `User-Agent` with. */
export const USER_AGENT = `opentelemetry-instrumentation-chatdebug/${VERSION}`;

/** Where and how OTLP is sent. */
export interface OtlpEndpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly timeoutMillis: number;
}

/**
 * Reads the `OTEL_EXPORTER_OTLP_*` variables by the rules of the specification ("OpenTelemetry Protocol
 * Exporter"), as `OTLPTraceExporter` does: it does not tell what it has read, and what is sent at the end of
 * the process must go to the same place.
 */
export function readOtlpEndpoint(env: NodeJS.ProcessEnv): OtlpEndpoint {
  const variable = (name: string): string | undefined =>
    text(env[`OTEL_EXPORTER_OTLP_TRACES_${name}`]) ?? text(env[`OTEL_EXPORTER_OTLP_${name}`]);
  return {
    url: readUrl(env),
    headers: {
      'user-agent': USER_AGENT,
      ...parseKeyPairsIntoRecord(text(env['OTEL_EXPORTER_OTLP_HEADERS'])),
      ...parseKeyPairsIntoRecord(text(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'])),
      'content-type': 'application/json',
    },
    gzip: variable('COMPRESSION')?.trim() === 'gzip',
    tls: {
      ...readFile('ca', variable('CERTIFICATE')),
      ...readFile('cert', variable('CLIENT_CERTIFICATE')),
      ...readFile('key', variable('CLIENT_KEY')),
    },
    timeoutMillis:
      positive(env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT']) ??
      positive(env['OTEL_EXPORTER_OTLP_TIMEOUT']) ??
      10_000,
  };
}

function readUrl(env: NodeJS.ProcessEnv): string {
  const own = text(env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
  if (own !== undefined && URL.canParse(own)) return new URL(own).href;
  const base = text(env['OTEL_EXPORTER_OTLP_ENDPOINT']);
  const url = base && `${base.endsWith('/') ? base : `${base}/`}v1/traces`;
  return url !== undefined && URL.canParse(url) ? url : 'http://localhost:4318/v1/traces';
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

/** A file that can't be read is left out, and said by the exporter. */
function readFile<Name extends string>(name: Name, path: string | undefined): Partial<Record<Name, Buffer>> {
  if (path === undefined) return {};
  try {
    return { [name]: readFileSync(resolve(path)) } as Record<Name, Buffer>;
  } catch {
    return {};
  }
}
