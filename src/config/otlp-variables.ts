import { ChatDebugConfigError, type Environment } from './setting.js';

/**
 * What the standard variables ask of the default exporter that it can't do. It would tell only OpenTelemetry's
 * `diag`, which is silent unless the application has set a logger, and send to its default endpoint.
 *
 * @returns warnings, in words
 * @throws ChatDebugConfigError for an endpoint that nothing can be sent to
 */
export function otlpWarnings(env: Environment): string[] {
  const endpoint = otlpVariable(env, 'ENDPOINT');
  if (endpoint !== undefined && !/^https?:$/.test(protocolOf(endpoint.value))) {
    throw new ChatDebugConfigError(endpoint.name, withoutUserInfo(endpoint.value), 'an http or https URL');
  }
  return CHECKS.flatMap(([setting, accepts, instead]) => {
    const variable = otlpVariable(env, setting);
    if (variable === undefined || accepts(variable.value)) return [];
    return [`${variable.name}=${variable.value}: ${instead}`];
  });
}

const CHECKS: readonly (readonly [setting: string, accepts: (value: string) => boolean, instead: string])[] =
  [
    [
      'PROTOCOL',
      (value) => value.startsWith('http/'),
      'chat runs are sent as http/json; name an OTLP/HTTP endpoint in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (usually port 4318)',
    ],
    ['COMPRESSION', (value) => value === 'gzip' || value === 'none', 'takes gzip or none, and is ignored'],
    [
      'TIMEOUT',
      (value) => Number(value) > 0 && Number.isFinite(Number(value)),
      'takes a number of milliseconds above 0, and is ignored',
    ],
  ];

/** The variable for traces wins over the one for all signals. */
function otlpVariable(env: Environment, setting: string): { name: string; value: string } | undefined {
  for (const name of [`OTEL_EXPORTER_OTLP_TRACES_${setting}`, `OTEL_EXPORTER_OTLP_${setting}`]) {
    const value = env[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

/** Loaded for an endpoint that is refused. */
const loadRedaction = () => require('../redact/url.js') as typeof import('../redact/url.js');

/** Also of what is no URL: a password may stand in it all the same. */
function withoutUserInfo(endpoint: string): string {
  return loadRedaction().urlRedactor()(endpoint).replace(/^.*@/s, '');
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
