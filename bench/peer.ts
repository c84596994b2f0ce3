import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A child process that answers each message with one of its own. */
export interface Peer {
  /** Rejects when it ends without an answer, or says that it failed. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
  /** Ends it at once, whatever it has still to send. */
  kill(): Promise<void>;
}

export interface PeerOptions {
  /** The program that runs it; this process's own by default. */
  readonly node?: string;
  readonly execArgv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: object;
}

/** @param file relative to this folder */
export function startPeer(file: string, { node, execArgv, env = {}, settings = {} }: PeerOptions): Peer {
  const child = fork(join(__dirname, file), [JSON.stringify(settings)], {
    // Nothing of the environment or of this process's own loaders may reach what is measured.
    execArgv: [...execArgv],
    ...(node !== undefined && { execPath: node }),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  return {
    ask: (question) => ask(child, file, question),
    stop: () => {
      if (child.connected) child.disconnect();
      return ended;
    },
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

export function profileArguments(directory: string | undefined, name: string): string[] {
  if (directory === undefined) return [];
  mkdirSync(directory, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`];
}

function ask<Answer>(child: ChildProcess, file: string, question: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', answered).off('exit', closed).off('error', failed);
      act();
    };
    const answered = (message: unknown): void =>
      settle(() => {
        const { error, answer } = message as { error?: string; answer?: Answer };
        if (error === undefined) resolve(answer as Answer);
        else reject(new Error(`${file}: ${error}`));
      });
    const closed = (code: number | null): void =>
      settle(() => reject(new Error(`${file} ended with ${code}`)));
    const failed = (error: Error): void => settle(() => reject(error));
    child.on('message', answered).once('exit', closed).once('error', failed);
    child.send(question, (error) => error && failed(new Error(`${file} has ended`)));
  });
}
