#!/usr/bin/env node
import { type Command, nearestName, PROGRAM, UsageError } from '../command.js';
import { VERSION } from '../version.js';

const FAILED = 1;
const INVALID_USE = 2;

interface Entry {
  readonly summary: string;
  readonly load: () => Command;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  doctor: {
    summary: 'checks the set-up of the application in this directory',
    load: () => (require('../doctor/command.js') as typeof import('../doctor/command.js')).doctorCommand,
  },
  case: {
    summary: 'writes a kept run as a field case, a file to replay',
    load: () => (require('./case-command.js') as typeof import('./case-command.js')).caseCommand,
  },
  replay: {
    summary: 'starts a provider on loopback that responds like a case',
    load: () => (require('./replay-command.js') as typeof import('./replay-command.js')).replayCommand,
  },
  view: {
    summary: 'receives traces on this machine and shows the runs in a browser',
    load: () => (require('./view-command.js') as typeof import('./view-command.js')).viewCommand,
  },
  minimise: {
    summary: 'finds the smallest request that a provider rejects with the same error',
    load: () => (require('./minimise-command.js') as typeof import('./minimise-command.js')).minimiseCommand,
  },
};

const NAMES = Object.keys(COMMANDS);

const USAGE = `Usage: npx ${PROGRAM} <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

  --help     prints this text, or that of a command
  --version  prints the version of this package

Exit code: 0 on success, 1 on failure, 2 if the command line is invalid.`;

/** The program of the package: `npx opentelemetry-instrumentation-chatdebug <command>`. */
async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (name === '--version') return print(VERSION);
  if (name === '--help' || name === 'help') return print(USAGE);
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    console.error(`${unknownCommand(name)}\n\n${USAGE}`);
    return INVALID_USE;
  }
  const command = entry.load();
  // Arguments after `--` are those of another program.
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--help')) return print(command.usage);
  if (own.includes('--version')) return print(VERSION);
  try {
    return await command.run(args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isInvalidUse = error instanceof UsageError || isArgumentError(error);
    console.error(isInvalidUse ? `${message}\n\n${command.usage}` : message);
    return isInvalidUse ? INVALID_USE : FAILED;
  }
}

function isArgumentError(error: unknown): boolean {
  return String((error as { code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS_');
}

function unknownCommand(name: string): string {
  const known = `Commands: ${NAMES.join(', ')}.`;
  if (name === '') return `Missing command. ${known}`;
  const nearest = nearestName(name, NAMES);
  return `Unknown command "${name}".${nearest === undefined ? '' : ` Did you mean ${nearest}?`} ${known}`;
}

function print(text: string): number {
  console.log(text);
  return 0;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
