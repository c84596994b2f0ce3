import { otlpWarnings } from '../config/otel-variables.js';
import { connectTo, type OtlpAnswer, serializerOf } from '../delivery/otlp-connection.js';
import {
  isHeaderList,
  isReadableFile,
  type OtlpEndpoint,
  otlpVariable,
  otlpVariables,
  readOtlpEndpoint,
  TLS_FILE_SETTINGS,
} from '../delivery/otlp-endpoint.js';
import { urlRedactor } from '../redact/url.js';
import { type CheckContext, type Finding, fail, ok } from './check.js';
import { findingOf, type Probe } from './endpoint-findings.js';

/** Whether the OTLP endpoint accepts an export. Sends an empty one over the connection that the exporter uses. */
export async function checkEndpoint({ env, timeoutMillis }: CheckContext): Promise<Finding> {
  if (env['CHATDEBUG_PIPELINE']?.trim() === 'app')
    return ok('not checked: with CHATDEBUG_PIPELINE=app the application exports');
  const invalid = unreadableFile(env) ?? malformedHeaders(env);
  if (invalid !== undefined) return invalid;
  try {
    otlpWarnings(env);
  } catch {
    return fail('not checked: the endpoint is invalid', 'See the check "variables".');
  }
  const endpoint = readOtlpEndpoint(env);
  const { hostname, port, protocol } = new URL(endpoint.url);
  const isSecure = protocol === 'https:';
  const probe = await probeEndpoint(endpoint, timeoutMillis);
  return findingOf(probe, {
    url: urlRedactor()(endpoint.url),
    host: hostname,
    port: port || (isSecure ? '443' : '80'),
    isSecure,
    variable: endpoint.variable,
    isOwn: endpoint.isOwn,
    protocol: endpoint.protocol,
    headers: Object.keys(endpoint.headers),
    timeoutMillis,
  });
}

type Environment = CheckContext['env'];

/** The exporter ignores a TLS file that it can't read, and the connection fails for another reason. */
function unreadableFile(env: Environment): Finding | undefined {
  const files = TLS_FILE_SETTINGS.map((setting) => otlpVariable(env, setting));
  const variable = files.find((file) => file !== undefined && !isReadableFile(file.value));
  if (variable === undefined) return undefined;
  return fail(
    `Invalid ${variable.name} "${variable.value}": expected a readable PEM file`,
    `Set ${variable.name} to a file that this user can read.`,
  );
}

/** The exporter ignores a part that is not `name=value`. The values are secrets. */
function malformedHeaders(env: Environment): Finding | undefined {
  const variable = otlpVariables(env, 'HEADERS').find(({ value }) => !isHeaderList(value));
  if (variable === undefined) return undefined;
  return fail(
    `Invalid ${variable.name} "[REDACTED]": expected name=value,name=value`,
    `Percent-encode spaces (%20) and commas (%2C): ${variable.name}=authorization=Bearer%20<token>`,
  );
}

async function probeEndpoint(endpoint: OtlpEndpoint, timeoutMillis: number): Promise<Probe> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Probe>((done) => {
    timer = setTimeout(() => done({ kind: 'timeout' }), timeoutMillis);
  });
  const connection = connectTo(endpoint);
  const response = async (): Promise<Probe> => {
    // OTLP accepts an export without spans, and stores nothing.
    const { head } = await connection.send(serializerOf(endpoint).serializeRequest([]) ?? new Uint8Array());
    return probeOf(await head);
  };
  try {
    return await Promise.race([response(), timeout]);
  } catch (error) {
    return { kind: 'error', code: codeOf(error) };
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

function probeOf({ status, headers, grpcCode = 0 }: OtlpAnswer): Probe {
  if (grpcCode !== 0) return { kind: 'error', code: `gRPC ${grpcCode}` };
  return { kind: 'response', status, contentType: headers['content-type'] ?? '' };
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'an error without a code';
}
