import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The variables that say where and how OTLP is sent, and which of them wins. Nothing else reads their names: start-up
 * checks what the exporter, the end of the process and the doctor use.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface OtlpVariable {
  readonly name: string;
  /** Without spaces around it, and never empty. */
  readonly value: string;
}

export const OTLP_PROTOCOLS = ['http/json', 'http/protobuf', 'grpc'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

/** Those that this package has variables of its own for. */
const OWN_SETTINGS = ['ENDPOINT', 'HEADERS', 'PROTOCOL'];

/** Whether the spans of this package have an endpoint of their own. */
export function hasOwnEndpoint(env: Environment): boolean {
  return isSet(env, 'CHATDEBUG_OTLP_ENDPOINT');
}

/**
 * The variables in force for a setting such as `ENDPOINT`, the one that wins first: this package's own, then the one
 * for traces, then the one for all signals. The standard headers and protocol belong to the standard endpoint: they
 * are not used where `CHATDEBUG_OTLP_ENDPOINT` names another, which might get the key of another backend.
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

/** The standard variable for a setting, whether or not one of this package's own wins over it. */
export function standardOtlpVariable(env: Environment, setting: string): OtlpVariable | undefined {
  return named(env, standardNames(setting))[0];
}

export function isOtlpProtocol(value: string): value is OtlpProtocol {
  return OTLP_PROTOCOLS.includes(value as OtlpProtocol);
}

/** The protocol that the variables ask for; start-up refuses a value that is none. */
export function otlpProtocol(env: Environment): OtlpProtocol {
  const value = otlpVariable(env, 'PROTOCOL')?.value ?? '';
  return isOtlpProtocol(value) ? value : 'http/json';
}

/** The optional exporter for gRPC. */
export const GRPC_EXPORTER = '@opentelemetry/exporter-trace-otlp-grpc';

/**
 * Where that exporter is, if it is installed: seen from this package, and from the application's
 * folder, since a bundler may have moved this package.
 */
export function grpcExporterPath(): string | undefined {
  for (const from of [__filename, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(GRPC_EXPORTER);
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** How long one request may take. */
export function otlpTimeoutMillis(env: Environment): number {
  const given = otlpVariables(env, 'TIMEOUT').map(({ value }) => Number(value));
  return given.find((millis) => Number.isFinite(millis) && millis > 0) ?? 10_000;
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
