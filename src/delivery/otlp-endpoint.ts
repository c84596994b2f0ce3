import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { optionalPackagePath } from '../loading.js';
import { VERSION } from '../version.js';

/**
 * The OTLP endpoint, from environment variables. The only reader of these variables: start-up, transport, process end
 * and doctor use it. Loaded at start-up, so it imports no OpenTelemetry package.
 */
export interface OtlpEndpoint {
  readonly protocol: OtlpProtocol;
  /** Without a path for gRPC. */
  readonly url: string;
  /** The variable that sets it, if any. */
  readonly variable: string | undefined;
  /** Whether a `CHATDEBUG_*` variable sets it. */
  readonly isOwn: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly timeoutMillis: number;
}

export const OTLP_PROTOCOLS = ['http/json', 'http/protobuf', 'grpc'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

export interface OtlpVariable {
  readonly name: string;
  /** Trimmed, and never empty. */
  readonly value: string;
}

export const USER_AGENT = `opentelemetry-instrumentation-chatdebug/${VERSION}`;

/** Reads the variables (specification, "OpenTelemetry Protocol Exporter"). */
export function readOtlpEndpoint(env: Environment): OtlpEndpoint {
  const asked = otlpProtocol(env);
  // Start-up logs a warning.
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

/** Returns the headers of a request that no OpenTelemetry exporter sends. */
export function requestHeaders({ headers, protocol, gzip }: OtlpEndpoint): Record<string, string> {
  return {
    'user-agent': USER_AGENT,
    ...headers,
    'content-type': protocol === 'http/protobuf' ? 'application/x-protobuf' : 'application/json',
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
}

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

/** The settings that have `CHATDEBUG_*` variables. */
const OWN_SETTINGS = ['ENDPOINT', 'HEADERS', 'PROTOCOL'];

/**
 * Returns the variables for a setting such as `ENDPOINT`, by precedence: `CHATDEBUG_*`, traces, all signals. With
 * `CHATDEBUG_OTLP_ENDPOINT`, the standard headers and protocol do not apply, since they may hold the key of another
 * backend.
 */
export function otlpVariables(env: Environment, setting: string): OtlpVariable[] {
  const isOwn = OWN_SETTINGS.includes(setting);
  const own = isOwn ? [`CHATDEBUG_OTLP_${setting}`] : [];
  const names = isOwn && hasOwnEndpoint(env) ? own : [...own, ...standardNames(setting)];
  return named(env, names);
}

export function otlpVariable(env: Environment, setting: string): OtlpVariable | undefined {
  return otlpVariables(env, setting)[0];
}

export function standardOtlpVariable(env: Environment, setting: string): OtlpVariable | undefined {
  return named(env, standardNames(setting))[0];
}

export function isOtlpProtocol(value: string): value is OtlpProtocol {
  return OTLP_PROTOCOLS.includes(value as OtlpProtocol);
}

/** Start-up rejects an invalid value. */
export function otlpProtocol(env: Environment): OtlpProtocol {
  const value = otlpVariable(env, 'PROTOCOL')?.value ?? '';
  return isOtlpProtocol(value) ? value : 'http/json';
}

export function otlpTimeoutMillis(env: Environment): number {
  const given = otlpVariables(env, 'TIMEOUT').map(({ value }) => Number(value));
  return given.find((millis) => Number.isFinite(millis) && millis > 0) ?? 10_000;
}

export const GRPC_EXPORTER = '@opentelemetry/exporter-trace-otlp-grpc';

export function grpcExporterPath(): string | undefined {
  return optionalPackagePath(GRPC_EXPORTER);
}

type Url = Pick<OtlpEndpoint, 'url' | 'variable'>;

const TRACES_PATH = 'v1/traces';

/** The variable for traces has the whole URL, the others a base URL. */
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

/** A gRPC endpoint may have no scheme. A variable then selects TLS. */
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
  return Object.assign({}, ...weakestFirst.map(({ value }) => parseHeaders(value)));
}

/** Parses `name=value,name=value`. Ignores malformed parts, for which start-up logs a warning. */
function parseHeaders(text: string): Record<string, string> {
  return Object.fromEntries(
    headerParts(text)
      .map(parseHeader)
      .filter((header) => header !== undefined),
  );
}

/** Whether a value of `OTEL_EXPORTER_OTLP_HEADERS` has no malformed parts. */
export function isHeaderList(text: string): boolean {
  return headerParts(text).every((part) => parseHeader(part) !== undefined);
}

function headerParts(text: string): string[] {
  return text.split(',').filter((part) => part.trim() !== '');
}

/** Percent-encoded, without the `;metadata` of W3C Baggage. */
function parseHeader(part: string): [name: string, value: string] | undefined {
  const [, name = '', value = ''] = /^([^=;]+)=([^;]+)/.exec(part) ?? [];
  try {
    const [key, decoded] = [decodeURIComponent(name.trim()), decodeURIComponent(value.trim())];
    return key === '' || decoded === '' ? undefined : [key, decoded];
  } catch {
    return undefined;
  }
}

/** Ignores a file that cannot be read, for which start-up logs a warning. */
function readFile<Name extends string>(name: Name, path: string | undefined): Partial<Record<Name, Buffer>> {
  const content = path === undefined ? undefined : contentOf(path);
  return content === undefined ? {} : ({ [name]: content } as Record<Name, Buffer>);
}

export function isReadableFile(path: string): boolean {
  return contentOf(path) !== undefined;
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(resolve(path));
  } catch {
    return undefined;
  }
}

/** The settings that name a file for TLS. */
export const TLS_FILE_SETTINGS = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'] as const;

/** Whether `CHATDEBUG_OTLP_ENDPOINT` is set. */
function hasOwnEndpoint(env: Environment): boolean {
  return isSet(env, 'CHATDEBUG_OTLP_ENDPOINT');
}

function standardNames(setting: string): string[] {
  return [`OTEL_EXPORTER_OTLP_TRACES_${setting}`, `OTEL_EXPORTER_OTLP_${setting}`];
}

function named(env: Environment, names: readonly string[]): OtlpVariable[] {
  return names.flatMap((name) => (isSet(env, name) ? [{ name, value: (env[name] ?? '').trim() }] : []));
}

function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? '').trim() !== '';
}
