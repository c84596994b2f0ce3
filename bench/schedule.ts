import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Servers } from './calls-case.js';

/** A child process that answers each message with one of its own. */
interface Peer {
  /** Rejects if it ends without a response or reports an error. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
  /** Kills it, with unsent data. */
  kill(): Promise<void>;
}

interface PeerOptions {
  /** Its Node.js binary. Default: that of this process. */
  readonly node?: string;
  readonly execArgv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: object;
}

/** @param file relative to this folder */
export function startPeer(file: string, { node, execArgv, env = {}, settings = {} }: PeerOptions): Peer {
  const child = fork(join(__dirname, file), [JSON.stringify(settings)], {
    // The environment and the loaders of this process must not affect the measured one.
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

/** The arguments of all cases. */
export interface Bench {
  /** The Node.js binary to measure. */
  readonly node: string;
  readonly servers: Servers;
  readonly progress: Progress;
  readonly profile: string | undefined;
  /** The deadline of the case, in the time of `performance.now()`. */
  readonly deadline: number;
  readonly minRounds: number;
}

/**
 * Measures all of one kind in turn, round by round, until the deadline, and at least `minRounds` times. Each round
 * begins with another one, and every second goes the other way round: the first process of a round can be 10 % slower
 * than the same one later.
 *
 * @returns the rounds, each in the order of `items`
 */
export async function interleaved<Item, Sample>(
  what: string,
  items: readonly Item[],
  { progress, deadline, minRounds }: Bench,
  measure: (item: Item) => Promise<Sample>,
): Promise<Sample[][]> {
  const rounds: Sample[][] = [];
  const start = performance.now();
  const hasTime = (): boolean => {
    const now = performance.now();
    const round = (now - start) / Math.max(1, rounds.length);
    return rounds.length < minRounds || now + round <= deadline;
  };
  while (hasTime()) {
    const samples = new Map<number, Sample>();
    for (const index of order(items.length, rounds.length)) {
      progress.show(`${what}, round ${rounds.length + 1}: ${samples.size + 1} of ${items.length}`);
      const item = items[index];
      if (item !== undefined) samples.set(index, await measure(item));
    }
    rounds.push([...samples].sort(([a], [b]) => a - b).map(([, sample]) => sample));
  }
  progress.clear();
  return rounds;
}

/** Start indices that differ as much as possible between consecutive rounds. */
const GOLDEN_RATIO = 0.618;

function order(length: number, round: number): number[] {
  const first = Math.floor(((round * GOLDEN_RATIO) % 1) * length);
  const indexes = Array.from({ length }, (_, at) => (first + at) % length);
  return round % 2 === 0 ? indexes : indexes.reverse();
}

/** Progress on one line of the terminal. Does nothing if stderr is not a terminal. */
export class Progress {
  readonly #isShown = process.stderr.isTTY;

  show(text: string): void {
    if (this.#isShown) process.stderr.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K');
  }
}
