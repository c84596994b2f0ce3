import { parseArgs } from 'node:util';
import { VERSION } from '../version.js';
import { OUR_NAME } from './package-file.js';

/** What the command line asks for; `refused` is bad use, with what is wrong about it. */
export type Asked =
  | { readonly kind: 'checks'; readonly json: boolean; readonly timeoutMillis: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string };

const TIMEOUT_MILLIS = 5_000;

export const USAGE = `Usage: npx ${OUR_NAME} doctor [options]

Looks at the set-up of the application in this folder and environment, and says what is wrong and how to mend it.
It sends one empty request to the OTLP endpoint, and nothing anywhere else.

  --json              what was found, as JSON
  --timeout <millis>  how long the endpoint may take to answer (${TIMEOUT_MILLIS})
  --help              this text
  --version           the version of this package

Ends with 0 where nothing fails, 1 where something does, 2 where the command line is wrong.`;

/** @param args what stands behind the program's name */
export function readArguments(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        timeout: { type: 'string', default: String(TIMEOUT_MILLIS) },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    });
    if (values.help) return { kind: 'text', text: USAGE };
    if (values.version) return { kind: 'text', text: VERSION };
    if (positionals.join(' ') !== 'doctor') {
      return { kind: 'refused', why: `takes the command doctor, not ${positionals.join(' ') || 'nothing'}` };
    }
    if (!/^[1-9]\d{0,8}$/.test(values.timeout)) {
      return { kind: 'refused', why: `--timeout takes milliseconds, not ${values.timeout}` };
    }
    return { kind: 'checks', json: values.json, timeoutMillis: Number(values.timeout) };
  } catch (error) {
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) };
  }
}
