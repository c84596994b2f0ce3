import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A program of this folder in a process of its own. */
export interface Child {
  send(message: object): void;
  /** Its next message that this recognises. Rejects when it ends without one. */
  next<T>(recognise: (message: object) => T | undefined): Promise<T>;
  disconnect(): void;
  /** Its exit code once it has ended; `undefined` where it has not in that time, and is killed. */
  ended(millis: number): Promise<number | undefined>;
}

export function startChild(file: string, settings: object, execArgv: readonly string[] = []): Child {
  const child = fork(join(__dirname, file), [JSON.stringify(settings)], {
    execArgv: ['--import', 'tsx', ...execArgv],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  const exit = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  // Not `exit`, which may come before the last message does.
  const disconnected = new Promise<void>((resolve) => void child.once('disconnect', resolve));
  return {
    send: (message) => void child.send(message),
    next: (recognise) =>
      new Promise((resolve, reject) => {
        const look = (message: object): void => {
          const found = recognise(message);
          if (found === undefined) return;
          child.off('message', look);
          resolve(found);
        };
        child.on('message', look);
        void disconnected.then(() => reject(new Error(`${file} has ended, or does not talk any more`)));
      }),
    disconnect: () => child.disconnect(),
    ended: async (millis) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), millis);
      const code = await exit;
      clearTimeout(timer);
      return code;
    },
  };
}
