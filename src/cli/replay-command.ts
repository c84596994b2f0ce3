import { parseArgs } from 'node:util';
import { type FieldCase, readCase } from '../case/format.js';
import { type Command, invalidArgument, PROGRAM, portArgument, UsageError } from '../command.js';
import { replayEnvironment, runCommand, untilStopped } from '../replay/run-command.js';
import { startReplay } from '../replay/server.js';

const USAGE = `Usage: npx ${PROGRAM} replay <case.json> [options] [-- command …]

Starts a provider on loopback that responds like the case, attempt by attempt: status, headers, bytes, pauses and end.
A command after -- runs with the base URL variables of the known SDKs set to it, and with dummy keys where none are set.
See docs/failure-to-test.md.

  --port <number>  port to listen on (default: a free port)
  --speed <factor> speed of the pauses: 2 for twice as fast, max for none (default: 1)
  --check          sends the recorded requests, and compares what is recorded with the case
  --help           prints this text

Exit code: that of the command, or 127 if the command does not exist. Without a command the provider runs until Ctrl-C,
and the exit code is 0. With --check it is 0, or 1 if something differs. It is 1 if the case can't be read or the port is
in use, and 2 if the command line is invalid.`;

export const replayCommand: Command = {
  usage: USAGE,
  run: async (args) => {
    const end = args.indexOf('--');
    const command = end < 0 ? [] : args.slice(end + 1);
    const { values, positionals } = parseArgs({
      args: end < 0 ? [...args] : args.slice(0, end),
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '0' },
        speed: { type: 'string', default: '1' },
        check: { type: 'boolean', default: false },
      },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0)
      throw new UsageError('Expected one case, and a command only after --');
    if (end >= 0 && command.length === 0) throw new UsageError('Expected a command after --');
    if (values.check && command.length > 0)
      throw new UsageError('--check sends the requests itself: expected no command');
    const port = portArgument(values.port);
    const speed = speedOf(values.speed);
    const fieldCase = readCase(file);
    for (const note of fieldCase.notes ?? []) console.error(note);
    return values.check ? check(fieldCase, port, file) : serve(fieldCase, port, speed, command);
  },
};

function speedOf(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (!(speed > 0)) throw invalidArgument('--speed', text, 'a number above 0, or max');
  return speed;
}

async function check(fieldCase: FieldCase, port: number, file: string): Promise<number> {
  const { differencesOf, differencesText, recordReplay } =
    require('../replay/check.js') as typeof import('../replay/check.js');
  const differences = differencesOf(fieldCase.expect, await recordReplay(fieldCase, port));
  if (differences.length === 0) console.log(`${file}: recorded as expected: ${fieldCase.title}`);
  else console.error(differencesText(differences));
  return differences.length === 0 ? 0 : 1;
}

async function serve(
  fieldCase: FieldCase,
  port: number,
  speed: number,
  command: readonly string[],
): Promise<number> {
  const replay = await startReplay(fieldCase, {
    port,
    speed,
    onRequest: ({ method, url }, attempt) => {
      const { status, end } = attempt?.response ?? {};
      const response =
        attempt === undefined
          ? 'not in the case: 404'
          : `attempt ${attempt.number}: ${status ?? 'no response'}, ${end}`;
      console.error(`${method} ${url}  ${response}`);
    },
  });
  try {
    if (command.length === 0) {
      const stopped = untilStopped();
      console.log(`Replaying at ${replay.url} (press Ctrl-C to stop)`);
      await stopped;
      return 0;
    }
    const { code, problem } = await runCommand(
      command,
      replayEnvironment(process.env, replay.url, fieldCase.provider),
    );
    if (problem !== undefined) console.error(problem);
    return code;
  } finally {
    await replay.close();
  }
}
