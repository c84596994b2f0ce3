import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { VERSION } from '../version.js';
import {
  type Environment,
  grpcExporterPath,
  hasOwnEndpoint,
  type OtlpProtocol,
  otlpProtocol,
  otlpTimeoutMillis,
  otlpVariable,
  otlpVariables,
} from './otlp-variables.js';

/** What all that is sent begins its `User-Agent` with. */
export const USER_AGENT = `opentelemetry-instrumentation-chatdebug/${VERSION}`;

/** Where and how OTLP is sent. */
export interface OtlpEndpoint {
  readonly protocol: OtlpProtocol;
  /** For gRPC without a path. */
  readonly url: string;
  /** The variable that names it, if one does. */
  readonly variable: string | undefined;
  /** Named by a variable of this package's own, and not by a standard one. */
  readonly isOwn: boolean;
  /** Those that variables name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly timeoutMillis: number;
}

/** Reads the variables by the rules of the specification ("OpenTelemetry Protocol Exporter"). */
export function readOtlpEndpoint(env: Environment): OtlpEndpoint {
  const asked = otlpProtocol(env);
  // Start-up has warned of it.
  const protocol = asked === 'grpc' && grpcExporterPath() === undefined ? 'http/json' : asked;
  return {
    protocol,
    ...(protocol === 'grpc' ? readGrpcUrl(env) : readHttpUrl(env)),
    isOwn: hasOwnEndpoint(env),
    headers: readHeaders(env),
    gzip: otlpVariable(env, 'COMPRESSION')?.value === 'gzip',
    tls: {
      ...readFile('ca', otlpVariable(env, 'CERTIFICATE')?.value),
      ...readFile('cert', otlpVariable(env, 'CLIENT_CERTIFICATE')?.value),
      ...readFile('key', otlpVariable(env, 'CLIENT_KEY')?.value),
    },
    timeoutMillis: otlpTimeoutMillis(env),
  };
}

/** The headers of a request that is not made by one of OpenTelemetry's exporters. */
export function requestHeaders({ headers, protocol, gzip }: OtlpEndpoint): Record<string, string> {
  return {
    'user-agent': USER_AGENT,
    ...headers,
    'content-type': protocol === 'http/protobuf' ? 'application/x-protobuf' : 'application/json',
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
}

type Url = Pick<OtlpEndpoint, 'url' | 'variable'>;

const TRACES_PATH = 'v1/traces';

/** The variable for traces names the whole URL, every other one the base of it. */
function readHttpUrl(env: Environment): Url {
  for (const { name, value } of otlpVariables(env, 'ENDPOINT')) {
    const isWhole = name === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' || isOwnTracesUrl(name, value);
    const url = isWhole ? value : `${value.endsWith('/') ? value : `${value}/`}${TRACES_PATH}`;
    if (URL.canParse(url)) return { url: new URL(url).href, variable: name };
  }
  return { url: `http://localhost:4318/${TRACES_PATH}`, variable: undefined };
}

function isOwnTracesUrl(name: string, value: string): boolean {
  return name.startsWith('CHATDEBUG_') && value.endsWith(`/${TRACES_PATH}`);
}

/** The endpoint of a gRPC service may come without a scheme; a variable then says whether it speaks TLS. */
function readGrpcUrl(env: Environment): Url {
  const isInsecure = otlpVariable(env, 'INSECURE')?.value.toLowerCase() === 'true';
  for (const { name, value } of otlpVariables(env, 'ENDPOINT')) {
    const url = /^https?:\/\//.test(value) ? value : `${isInsecure ? 'http' : 'https'}://${value}`;
    if (URL.canParse(url)) return { url: new URL(url).origin, variable: name };
  }
  return { url: 'http://localhost:4317', variable: undefined };
}

function readHeaders(env: Environment): Record<string, string> {
  const weakestFirst = otlpVariables(env, 'HEADERS').reverse();
  return Object.assign({}, ...weakestFirst.map(({ value }) => parseKeyPairsIntoRecord(value)));
}

/** A file that can't be read is left out, and the doctor tells of it. */
function readFile<Name extends string>(name: Name, path: string | undefined): Partial<Record<Name, Buffer>> {
  if (path === undefined) return {};
  try {
    return { [name]: readFileSync(resolve(path)) } as Record<Name, Buffer>;
  } catch {
    return {};
  }
}

/** What most likely makes an endpoint refuse with this status, where the status tells. */
export function likelyCause(status: number, endpoint: OtlpEndpoint): string | undefined {
  const variable = (setting: string): string =>
    `${endpoint.isOwn ? 'CHATDEBUG_OTLP' : 'OTEL_EXPORTER_OTLP'}_${setting}`;
  if (status >= 300 && status < 400) {
    return `redirects are not followed: correct ${endpoint.variable ?? variable('ENDPOINT')}`;
  }
  switch (status) {
    case 401:
    case 403:
      return `the endpoint wants other credentials: check ${variable('HEADERS')}`;
    case 404:
      return `nothing accepts traces at this path: check ${endpoint.variable ?? variable('ENDPOINT')}`;
    case 415: {
      const other = endpoint.protocol === 'http/json' ? 'http/protobuf' : 'http/json';
      return `the endpoint does not accept ${endpoint.protocol}: try ${variable('PROTOCOL')}=${other}`;
    }
    default:
      return undefined;
  }
}
