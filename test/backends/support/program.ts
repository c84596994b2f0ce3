import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

/** A real program that runs on loopback. */
export interface RunningProgram {
  readonly pid: number | undefined;
  /** Its log. */
  log(): string;
  /** Stops it (SIGTERM by default) and resolves when it has ended. A second call does nothing. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 once it is ready. */
  readonly readyUrl: string;
}

const running = new Set<RunningProgram>();
const directories: string[] = [];

/** Starts it and waits until it is ready. */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { binary, args, env = {}, readyUrl } = options;
  const child = spawn(binary, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  let hasEnded = false;
  const ended = once(child, 'close').finally(() => {
    hasEnded = true;
  });
  const program: RunningProgram = {
    pid: child.pid,
    log: () => log,
    stop: async (signal = 'SIGTERM') => {
      running.delete(program);
      if (!hasEnded) child.kill(signal);
      await ended;
    },
  };
  running.add(program);
  await until(
    async () => {
      if (hasEnded) throw new Error(`${binary} ended before it was ready\n${log}`);
      return (await fetch(readyUrl).catch(() => undefined))?.ok === true;
    },
    `${binary} to be ready`,
    60_000,
  ).catch((error) => Promise.reject(new Error(`${error.message}\n${log}`)));
  return program;
}

/** Stops all started programs and removes their files. For `afterAll`. */
export async function stopAllPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.stop('SIGKILL')));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** A new folder, removed by `stopAllPrograms`. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chatdebug-backends-'));
  directories.push(directory);
  return directory;
}

/** `127.0.0.1:PORT`, for each port that was free a moment ago. */
export async function freeAddresses(count: number): Promise<string[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const addresses = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('listening on no port');
    return `127.0.0.1:${address.port}`;
  });
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return addresses;
}
