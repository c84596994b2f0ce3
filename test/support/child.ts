import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(__dirname, '..', '..');

/**
 * The arguments of node, or a program text. The text runs from a file inside the repository, so that it can import
 * this package by its name (built, through its `exports`) and the development dependencies.
 */
export type Program = readonly string[] | { source: string; type: 'module' | 'commonjs' };

export interface ChildOptions {
  /** Added to `ENVIRONMENT`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Before the program, such as `--import`. */
  nodeOptions?: readonly string[];
  /** After the program: its own arguments. */
  args?: readonly string[];
  /** Kills the child and rejects. Default: 280 seconds, since a busy machine is not a failure. */
  timeoutMillis?: number;
  /** Kills the child with SIGKILL. */
  signal?: AbortSignal;
  /** Another node binary. */
  execPath?: string;
  cwd?: string;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Child {
  readonly pid: number | undefined;
  readonly ended: Promise<Ended>;
  /** Its output so far. */
  stdout(): string;
  stderr(): string;
  /** Writes a line to its standard input. */
  send(line: string): void;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves with the first output line that contains this text. Rejects if the child ends without one. */
  line(containing: string): Promise<string>;
}

/** The environment of every child. The time limit of the exit is a safety net, unless a test is about it. */
const ENVIRONMENT = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  CHATDEBUG_EXIT_TIMEOUT_MILLIS: '20000',
};

export function runNode(program: Program, options: ChildOptions = {}): Promise<Ended> {
  return start(program, options, 'ignore').ended;
}

/** For a child that is controlled while it runs. */
export function startNode(program: Program, options: ChildOptions = {}): Child {
  return start(program, options, 'pipe');
}

function start(program: Program, options: ChildOptions, stdin: 'ignore' | 'pipe'): Child {
  const { nodeOptions = [], args = [], timeoutMillis = 280_000 } = options;
  const { execPath = process.execPath, cwd = REPOSITORY } = options;
  const { argv, remove } = 'source' in program ? writtenToFile(program) : { argv: program, remove: () => {} };
  const child = spawn(execPath, [...nodeOptions, ...argv, ...args], {
    cwd,
    env: { ...ENVIRONMENT, ...options.env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => {}); // The child has just ended.
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const kill = (signal: NodeJS.Signals = 'SIGTERM') => void child.kill(signal);
  const killHard = () => kill('SIGKILL');
  options.signal?.addEventListener('abort', killHard);
  if (options.signal?.aborted) killHard();

  const ended = new Promise<Ended>((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killHard();
    }, timeoutMillis);
    child.on('error', reject).on('close', (code, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', killHard);
      remove();
      if (!timedOut) return resolve({ code, signal, stdout, stderr });
      reject(new Error(`killed after ${timeoutMillis} ms\nstdout: ${stdout}\nstderr: ${stderr}`));
    });
  });
  ended.catch(() => {}); // A child that was killed on purpose need not be awaited.

  return {
    pid: child.pid,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    send: (line) => void child.stdin?.write(`${line}\n`),
    kill,
    line: (containing) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const whole = stdout.split('\n').slice(0, -1);
          const found = whole.find((line) => line.includes(containing));
          if (found !== undefined) resolve(found);
        };
        child.stdout?.on('data', look);
        look();
        const tooLate = () => reject(new Error(`no line with ${containing}\n${stdout}\n${stderr}`));
        ended.then(tooLate, tooLate);
      }),
  };
}

/** Not inside node_modules: a file there cannot import the package above it by its name. */
function writtenToFile({ source, type }: { source: string; type: 'module' | 'commonjs' }) {
  const directory = join(REPOSITORY, '.cache');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${randomUUID()}.${type === 'module' ? 'mjs' : 'cjs'}`);
  writeFileSync(file, source);
  return { argv: [file], remove: () => rmSync(file, { force: true }) };
}
