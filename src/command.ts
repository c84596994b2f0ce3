import { writeFileSync } from 'node:fs';
import { closestMatch } from 'leven';

export interface Command {
  readonly usage: string;
  /**
   * Runs the command.
   *
   * @param args the arguments after the name of the command
   * @returns the exit code: 0, 1 on failure, or that of a command that was run
   * @throws UsageError for an invalid command line; after any other error the program prints its message and exits with 1
   */
  run(args: readonly string[]): Promise<number>;
}

/** An invalid command line. The program exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function invalidArgument(name: string, value: string, expected: string): UsageError {
  return new UsageError(`Invalid ${name} "${value}": expected ${expected}`);
}

/**
 * Reads the value of `--port`.
 *
 * @throws UsageError if it is not a port
 */
export function portArgument(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw invalidArgument('--port', text, 'a number from 0 to 65535');
  return port;
}

/**
 * Writes the result of a command, which may contain what people wrote, for its owner only.
 *
 * @param file `undefined` for standard output, which also gets the result if the file cannot be written
 * @throws Error if the file cannot be written
 */
export function writeOutput(file: string | undefined, text: string): void {
  try {
    if (file === undefined) process.stdout.write(text);
    else writeFileSync(file, text, { mode: 0o600 });
  } catch (cause) {
    process.stdout.write(text);
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`Cannot write ${file}: ${code}. The result is on standard output`, { cause });
  }
}

export const PROGRAM = 'opentelemetry-instrumentation-chatdebug';

/** The maximum edit distance of a suggestion, as a fraction of the length of the name. */
const MAX_DIFFERENCE = 1 / 3;

export function nearestName(name: string, known: readonly string[]): string | undefined {
  return closestMatch(name, [...known], { maxDistance: Math.floor(name.length * MAX_DIFFERENCE) });
}
