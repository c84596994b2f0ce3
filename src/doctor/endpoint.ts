import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { otlpWarnings } from '../config/otlp-variables.js';
import { readOtlpEndpoint } from '../delivery/otlp-endpoint.js';
import { otlpVariable, otlpVariables } from '../delivery/otlp-variables.js';
import { urlRedactor } from '../redact/url.js';
import { type Finding, fail, ok, type Surroundings } from './check.js';
import { probeEndpoint } from './probe.js';
import { findingOf } from './probe-findings.js';

/** Whether what is kept would arrive: asks the endpoint that start-up would send to, in the same way. */
export async function checkEndpoint({ env, timeoutMillis }: Surroundings): Promise<Finding> {
  if (env['CHATDEBUG_PIPELINE']?.trim() === 'app') {
    return ok('not asked: with CHATDEBUG_PIPELINE=app the application sends');
  }
  const unread = unreadableFile(env);
  if (unread !== undefined) return fail(...unread);
  const pairs = malformedHeaders(env);
  if (pairs !== undefined) {
    return fail(
      `${pairs} has a part that is no header`,
      'Write name=value,name=value, with %20 for a space and %2C for a comma: authorization=Bearer%20… (= and not a colon).',
    );
  }
  // An endpoint that start-up refuses is found by the check of the variables.
  try {
    otlpWarnings(env);
  } catch {
    return fail('not asked: start-up refuses it', 'See "variables".');
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

type Environment = Surroundings['env'];

/** A file of TLS that is left out where it can't be read; then the connection fails for another reason. */
function unreadableFile(env: Environment): [says: string, advice: string] | undefined {
  for (const setting of ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']) {
    const variable = otlpVariable(env, setting);
    if (variable === undefined) continue;
    try {
      accessSync(resolve(variable.value), constants.R_OK);
    } catch {
      const { name, value } = variable;
      return [`${name}=${value} can not be read`, 'Name a file in PEM that this user may read.'];
    }
  }
  return undefined;
}

/** What is no `name=value` is left out without a word. The values are secrets. */
function malformedHeaders(env: Environment): string | undefined {
  const isMalformed = (part: string): boolean => part.trim() !== '' && !/^[^=]+=./.test(part.trim());
  return otlpVariables(env, 'HEADERS').find(({ value }) => value.split(',').some(isMalformed))?.name;
}
