import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Surroundings } from './check.js';
import { OUR_FOLDER } from './package-file.js';

/** The variables of ours and of OpenTelemetry in a `.env` that the application may load, and the doctor does not. */
export function notLoaded(folder: string, env: Surroundings['env']): readonly string[] {
  const names = Object.keys(readEnvFile(folder)).filter(
    (name) => env[name] === undefined && /^(CHATDEBUG|OTEL)_/.test(name),
  );
  if (names.length === 0) return [];
  const program = join(OUR_FOLDER, 'dist', 'doctor.js');
  return [
    `.env has ${names.join(', ')}, which the doctor does not read. To have them looked at: node --env-file=.env ${program} doctor`,
  ];
}

function readEnvFile(folder: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
  } catch {
    return {};
  }
}
