import { readConfig } from '../config/config.js';
import { ChatDebugConfigError, type Environment } from '../config/setting.js';
import { readOtlpEndpoint } from '../delivery/otlp-endpoint.js';
import { redactText } from '../redact/text.js';
import { logLevelOf } from '../self-diagnostics.js';
import { type Finding, fail, ok, type Surroundings, warn } from './check.js';
import { notLoaded } from './env-file.js';
import { nearestName } from './nearest-name.js';

/** Whether start-up takes the variables, by asking what start-up asks. */
export function checkVariables({ env, folder }: Surroundings): Finding {
  const { messages, warnings, rest } = readInTurn(env);
  const bad = messages.map(redactText);
  const known = namesThatAreRead();
  const set = Object.keys(env).filter((name) => env[name]?.trim());
  const unknown = set.filter((name) => name.startsWith('CHATDEBUG_') && !known.includes(name));
  const doubts = [
    ...warnings.map(redactText),
    ...unknown.map((name) => unknownName(name, known)),
    ...oddities(rest),
    ...notLoaded(folder, env),
  ];
  if (bad.length > 0) return fail(`start-up refuses ${count(bad.length, 'variable')}`, ...bad, ...doubts);
  if (doubts.length > 0) return warn('start-up takes them, but', ...doubts);
  const heeded = set.filter((name) => known.includes(name));
  return ok(heeded.length === 0 ? 'none is set: the defaults are in force' : heeded.join(', '));
}

/** Start-up names one bad variable at a time: that one is taken away until there is none. */
function readInTurn(env: Environment): {
  readonly messages: readonly string[];
  readonly warnings: readonly string[];
  readonly rest: Environment;
} {
  const messages: string[] = [];
  const rest: Record<string, string | undefined> = { ...env };
  for (;;) {
    try {
      return { messages, warnings: readConfig({}, rest).warnings, rest };
    } catch (error) {
      const [name = ''] = error instanceof ChatDebugConfigError ? error.message.split('=') : [];
      if (!(error instanceof Error) || rest[name] === undefined) throw error;
      messages.push(error.message);
      delete rest[name];
    }
  }
}

/** Every variable that start-up asks for, noted as it asks. */
function namesThatAreRead(): readonly string[] {
  const names = new Set<string>();
  const noting = new Proxy<Record<string, string>>({}, { get: (_, name) => void names.add(String(name)) });
  readConfig({}, noting);
  readOtlpEndpoint(noting);
  return [...names];
}

function unknownName(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return `${name} is not known${meant === undefined ? '' : `: is ${meant} meant?`}`;
}

/** What start-up takes, and is seldom meant. */
function oddities(env: Environment): readonly string[] {
  const { disabled, capture } = readConfig({}, env);
  const level = env['OTEL_LOG_LEVEL']?.trim();
  const lines = [
    disabled && 'OTEL_SDK_DISABLED=true starts nothing. Take it away to record.',
    capture === 'off' &&
      'CHATDEBUG_CAPTURE=off records only what captureFor or withRun({ capture }) asks for.',
    level &&
      logLevelOf(level) === undefined &&
      `OTEL_LOG_LEVEL=${level} is no level: takes none, error, warn, info, debug, verbose or all.`,
  ];
  return lines.filter((line): line is string => typeof line === 'string' && line !== '');
}

function count(number: number, what: string): string {
  return number === 1 ? `a ${what}` : `${number} ${what}s`;
}
