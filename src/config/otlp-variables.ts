import {
  grpcExporterPath,
  isOtlpProtocol,
  OTLP_PROTOCOLS,
  otlpProtocol,
  otlpTimeoutMillis,
  otlpVariable,
  standardOtlpVariable,
} from '../delivery/otlp-variables.js';
import { ChatDebugConfigError, digits, type Environment, oneOf } from './setting.js';

/**
 * Checks the variables of the default exporter, which would tell only OpenTelemetry's `diag`, silent unless the
 * application has set a logger, and send to its default endpoint.
 *
 * @returns warnings, in words
 * @throws ChatDebugConfigError for an endpoint or a protocol that can't be used
 */
export function otlpWarnings(env: Environment): string[] {
  const protocol = otlpVariable(env, 'PROTOCOL');
  if (protocol !== undefined && !isOtlpProtocol(protocol.value)) {
    throw new ChatDebugConfigError(protocol.name, protocol.value, oneOf(OTLP_PROTOCOLS).words);
  }
  const warnings = grpcWarnings(env);
  const isHttp = otlpProtocol(env) !== 'grpc' || warnings.length > 0;
  const endpoint = otlpVariable(env, 'ENDPOINT');
  if (endpoint !== undefined && isHttp && !/^https?:$/.test(schemeOf(endpoint.value))) {
    throw new ChatDebugConfigError(endpoint.name, withoutUserInfo(endpoint.value), 'an http or https URL');
  }
  const others = CHECKS.flatMap(([setting, accepts, instead]) => {
    const variable = otlpVariable(env, setting);
    if (variable === undefined || accepts(variable.value)) return [];
    return [`${variable.name}=${variable.value}: ${instead}`];
  });
  return [...warnings, ...others];
}

function grpcWarnings(env: Environment): string[] {
  const variable = otlpVariable(env, 'PROTOCOL') ?? standardOtlpVariable(env, 'PROTOCOL');
  if (variable?.value !== 'grpc' || grpcExporterPath() !== undefined) return [];
  return [
    `${variable.name}=grpc: @opentelemetry/exporter-trace-otlp-grpc is not installed, chat runs are sent as http/json; install it, or name an OTLP/HTTP endpoint in CHATDEBUG_OTLP_ENDPOINT (usually port 4318)`,
  ];
}

const CHECKS: readonly (readonly [setting: string, accepts: (value: string) => boolean, instead: string])[] =
  [
    ['COMPRESSION', (value) => value === 'gzip' || value === 'none', 'takes gzip or none, and is ignored'],
    [
      'TIMEOUT',
      (value) => Number(value) > 0 && Number.isFinite(Number(value)),
      'takes a number of milliseconds above 0, and is ignored',
    ],
  ];

/** What the variables of OpenTelemetry's batch processor ask of the queue; only what is set. */
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

/** A timer counts no further. */
const MAX_NUMBER = 2 ** 31 - 1;

/** Reads the `OTEL_BSP_*` variables. A value that can't be used is ignored, as the specification says, with a warning. */
export function batchOptions(env: Environment): BatchOptions & { readonly warnings: readonly string[] } {
  const options: Record<string, number> = {};
  const warnings: string[] = [];
  for (const [name, option, min] of BATCH_VARIABLES) {
    const text = env[name]?.trim();
    if (!text) continue;
    const value = digits(text);
    if (typeof value === 'number' && value >= min && value <= MAX_NUMBER) options[option] = value;
    else warnings.push(`${name}=${text}: takes a whole number from ${min}, and is ignored`);
  }
  const { exportTimeoutMillis = Number.POSITIVE_INFINITY } = options;
  const isTimeoutSet = Number.isFinite(exportTimeoutMillis);
  return {
    ...options,
    ...(isTimeoutSet && { exportTimeoutMillis: Math.min(exportTimeoutMillis, otlpTimeoutMillis(env)) }),
    warnings,
  };
}

/** Loaded for an endpoint that is refused. */
const loadRedaction = () => require('../redact/url.js') as typeof import('../redact/url.js');

/** Also of what is no URL: a password may stand in it all the same. */
function withoutUserInfo(endpoint: string): string {
  return loadRedaction().urlRedactor()(endpoint).replace(/^.*@/s, '');
}

function schemeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
