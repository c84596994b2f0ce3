import {
  grpcExporterPath,
  isHeaderList,
  isOtlpProtocol,
  isReadableFile,
  OTLP_PROTOCOLS,
  otlpProtocol,
  otlpTimeoutMillis,
  otlpVariable,
  otlpVariables,
  standardOtlpVariable,
  TLS_FILE_SETTINGS,
} from '../delivery/otlp-endpoint.js';
import { configError, type Environment, ignored, oneOf, parseInteger } from './setting.js';

/**
 * Checks the variables of the default exporter, which would report an invalid one only to OpenTelemetry's `diag` and
 * use its default endpoint.
 *
 * @returns warnings about values that are ignored
 * @throws ChatDebugConfigError for an invalid endpoint or protocol
 */
export function otlpWarnings(env: Environment): string[] {
  const protocol = otlpVariable(env, 'PROTOCOL');
  if (protocol !== undefined && !isOtlpProtocol(protocol.value))
    throw configError(protocol.name, protocol.value, oneOf(OTLP_PROTOCOLS).words);
  const warnings = grpcWarnings(env);
  const isGrpc = otlpProtocol(env) === 'grpc';
  const isHttp = !isGrpc || warnings.length > 0;
  const endpoint = otlpVariable(env, 'ENDPOINT');
  if (endpoint !== undefined && isHttp && !/^https?:$/.test(schemeOf(endpoint.value))) {
    const expected = isGrpc
      ? 'an http or https URL, since @opentelemetry/exporter-trace-otlp-grpc is not installed'
      : 'an http or https URL';
    throw configError(endpoint.name, withoutUserInfo(endpoint.value), expected);
  }
  const others = CHECKS.flatMap(([setting, accepts, expected]) => {
    const variable = otlpVariable(env, setting);
    if (variable === undefined || accepts(variable.value)) return [];
    return ignored(variable.name, variable.value, expected);
  });
  return [...warnings, ...others, ...headerWarnings(env), ...configFileWarnings(env)];
}

const CHECKS: readonly (readonly [setting: string, accepts: (value: string) => boolean, expected: string])[] =
  [
    ['COMPRESSION', (value) => value === 'gzip' || value === 'none', 'gzip or none'],
    [
      'TIMEOUT',
      (value) => Number(value) > 0 && Number.isFinite(Number(value)),
      'a number of milliseconds above 0',
    ],
    ...TLS_FILE_SETTINGS.map((setting) => [setting, isReadableFile, 'a readable PEM file'] as const),
  ];

/** The values are secrets. */
function headerWarnings(env: Environment): string[] {
  const malformed = otlpVariables(env, 'HEADERS').filter(({ value }) => !isHeaderList(value));
  return malformed.map(({ name }) => ignored(name, '[REDACTED]', 'name=value,name=value'));
}

/** An application whose endpoint is only in the file would look for chat runs there. */
function configFileWarnings(env: Environment): string[] {
  const file = env['OTEL_CONFIG_FILE']?.trim();
  const endpoint = otlpVariable(env, 'ENDPOINT') ?? standardOtlpVariable(env, 'ENDPOINT');
  if (!file || endpoint !== undefined) return [];
  return [
    `Ignored OTEL_CONFIG_FILE "${file}": this package does not read it and exports to its default endpoint. Set CHATDEBUG_OTLP_ENDPOINT`,
  ];
}

function grpcWarnings(env: Environment): string[] {
  const applied = otlpVariable(env, 'PROTOCOL');
  const variable = applied ?? standardOtlpVariable(env, 'PROTOCOL');
  if (variable?.value !== 'grpc' || grpcExporterPath() !== undefined) return [];
  const consequence = `Ignored ${variable.name} "grpc": @opentelemetry/exporter-trace-otlp-grpc is not installed, so chat runs are exported as http/json`;
  // With CHATDEBUG_OTLP_ENDPOINT, the standard protocol does not apply.
  if (applied === undefined) return [`${consequence} to CHATDEBUG_OTLP_ENDPOINT`];
  return [
    `${consequence}. Install it, or set CHATDEBUG_OTLP_ENDPOINT to an OTLP/HTTP endpoint (usually port 4318)`,
  ];
}

const loadRedaction = () => require('../redact/url.js') as typeof import('../redact/url.js');

/** Also redacts values that are not URLs, since they may contain a password. */
function withoutUserInfo(endpoint: string): string {
  return loadRedaction().urlRedactor()(endpoint).replace(/^.*@/s, '');
}

function schemeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}

/** The queue settings of OpenTelemetry's batch span processor, as far as they are set. */
export interface BatchOptions {
  readonly maxQueueSpans?: number;
  readonly batchSpans?: number;
  readonly batchMillis?: number;
  readonly exportTimeoutMillis?: number;
}

const BATCH_VARIABLES = [
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'maxQueueSpans', 1],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'batchSpans', 1],
  ['OTEL_BSP_SCHEDULE_DELAY', 'batchMillis', 0],
  ['OTEL_BSP_EXPORT_TIMEOUT', 'exportTimeoutMillis', 1],
] as const;

/** The maximum of a timer. */
const MAX_NUMBER = 2 ** 31 - 1;

/** Reads the `OTEL_BSP_*` variables. As the specification requires, an invalid value is ignored with a warning. */
export function batchOptions(env: Environment): BatchOptions & { readonly warnings: readonly string[] } {
  const options: Record<string, number> = {};
  const warnings: string[] = [];
  for (const [name, option, min] of BATCH_VARIABLES) {
    const text = env[name]?.trim();
    if (!text) continue;
    const value = parseInteger(text);
    if (typeof value === 'number' && value >= min && value <= MAX_NUMBER) options[option] = value;
    else warnings.push(ignored(name, text, `an integer of at least ${min}`));
  }
  const { exportTimeoutMillis = Number.POSITIVE_INFINITY } = options;
  const isTimeoutSet = Number.isFinite(exportTimeoutMillis);
  return {
    ...options,
    ...(isTimeoutSet && { exportTimeoutMillis: Math.min(exportTimeoutMillis, otlpTimeoutMillis(env)) }),
    warnings,
  };
}

/** OpenTelemetry's detectors in the order in which they run, so that environment variables win. */
const RESOURCE_DETECTORS = ['host', 'os', 'serviceinstance', 'process', 'env'] as const;
export type ResourceDetectorName = (typeof RESOURCE_DETECTORS)[number];

/**
 * Reads `OTEL_NODE_RESOURCE_DETECTORS` as `@opentelemetry/sdk-node` does. Detectors of other packages, which may be
 * listed for the application's own tracing, are ignored with a warning.
 */
export function resourceDetectors(env: Environment): {
  readonly detectors: readonly ResourceDetectorName[];
  readonly warnings: readonly string[];
} {
  const variable = 'OTEL_NODE_RESOURCE_DETECTORS';
  const names = (env[variable]?.trim() || 'all').split(',').map((name) => name.trim());
  const accepted: readonly string[] = ['all', 'none', ...RESOURCE_DETECTORS];
  const unknown = names.filter((name) => name !== '' && !accepted.includes(name));
  const isWanted = (name: string): boolean => names.includes('all') || names.includes(name);
  return {
    detectors: names.includes('none') && !names.includes('all') ? [] : RESOURCE_DETECTORS.filter(isWanted),
    warnings: unknown.map((name) =>
      ignored(variable, name, `all, none or a list of ${RESOURCE_DETECTORS.join(', ')}`),
    ),
  };
}

/** Whether exceptions are written as span events, as log records, or as both. */
export type ExceptionSignal = 'events' | 'logs' | 'logs/dup';

/**
 * Reads `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` of the semantic conventions for exceptions. An invalid value is ignored
 * with a warning.
 */
export function exceptionSignal(env: Environment): {
  readonly signal: ExceptionSignal;
  readonly warnings: readonly string[];
} {
  const variable = 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN';
  const text = env[variable]?.trim() ?? '';
  if (text === 'logs' || text === 'logs/dup') return { signal: text, warnings: [] };
  return { signal: 'events', warnings: text === '' ? [] : [ignored(variable, text, 'logs or logs/dup')] };
}

interface SpanLimits {
  /** In characters; infinite by default. */
  readonly maxValueLength: number;
  /** At least three: the first attempt, the last one, and the exception. */
  readonly maxEvents: number;
}

const LEAST_EVENTS = 3;

/** Reads the span and attribute limits of the SDK's variables. A value that is not a number sets no limit. */
export function readSpanLimits(env: Environment): SpanLimits {
  const forAll = limitOf(env['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'], Number.POSITIVE_INFINITY);
  return {
    maxValueLength: limitOf(env['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'], forAll),
    maxEvents: Math.max(LEAST_EVENTS, limitOf(env['OTEL_SPAN_EVENT_COUNT_LIMIT'], Number.POSITIVE_INFINITY)),
  };
}

function limitOf(text: string | undefined, fallback: number): number {
  const limit = parseInteger(text?.trim() ?? '');
  return typeof limit === 'number' ? limit : fallback;
}
