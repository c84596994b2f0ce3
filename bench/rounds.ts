import { type Caller, type Sample, type Servers, startCaller } from './calls.js';
import type { Progress } from './progress.js';
import type { Variant } from './variants.js';
import type { Work } from './works.js';

/** What each variant cost in one round, in the order of the variants. */
export type Round = readonly Sample[];

/** The rounds of one sort of work. */
export interface Measured {
  readonly work: Work;
  /** Those in which every call of every variant was right. */
  readonly valid: readonly Round[];
  /** What was wrong with each of the others. */
  readonly invalid: readonly string[];
  /** Bytes that a call holds while it goes on, by variant. */
  readonly heldBytes: readonly number[];
}

/** What all cases are given. */
export interface Bench {
  readonly rounds: number;
  /** Whether what one might take instead is measured as well. */
  readonly rivals: boolean;
  readonly servers: Servers;
  readonly progress: Progress;
  readonly profile: string | undefined;
}

export interface Plan {
  readonly what: string;
  readonly variants: readonly Variant[];
  readonly works: readonly Work[];
}

/** Processes of the same code differ for as long as they live, in streams by a third: so they are replaced now and then. */
const ROUNDS_PER_PROCESS = 2;

/** Measures all variants in turn, round by round, each in a process of its own. */
export async function measureRounds(plan: Plan, bench: Bench): Promise<Measured[]> {
  const { what, variants, works } = plan;
  const { rounds, servers, progress, profile } = bench;
  const measured = works.map((work) => ({ work, rounds: [] as Round[], heldBytes: [] as number[] }));
  for (let done = 0; done < rounds; ) {
    progress.show(what, done, rounds);
    const callers = variants.map((variant) => startCaller(variant, servers, profile));
    for (const work of works) await warmUp(callers, work, servers);
    for (const end = Math.min(rounds, done + ROUNDS_PER_PROCESS); done < end; done += 1) {
      progress.show(what, done, rounds);
      for (const each of measured) each.rounds.push(await measureRound(callers, each.work, done));
    }
    for (const each of measured) {
      const held = { ...each.work, calls: each.work.held };
      if (done >= rounds && each.work.held > 0)
        each.heldBytes = await inTurn(callers, (caller) => caller.hold(held));
    }
    await inTurn(callers, (caller) => caller.stop());
  }
  progress.clear();
  return measured.map(({ work, rounds: all, heldBytes }) => ({ work, heldBytes, ...sorted(what, all) }));
}

/**
 * Until the engine has compiled what there is to compile: a server that has just started is not what is asked. One after
 * the other: what several compile while they share the cores stays slower for as long as they live, some by half.
 */
async function warmUp(callers: readonly Caller[], work: Work, servers: Servers): Promise<void> {
  await inTurn(callers, (caller) => caller.warmUp(work));
  const spans = callers.reduce((sum, { variant }) => sum + variant.spansPerCall, 0);
  await servers.take(spans * work.calls * work.warmUps);
}

/** Each round begins with another variant, so that none always follows the same one. */
async function measureRound(callers: readonly Caller[], work: Work, round: number): Promise<Round> {
  const first = round % callers.length;
  const order = [...callers.slice(first), ...callers.slice(0, first)];
  const samples = new Map<Caller, Sample>();
  await inTurn(order, async (caller) => void samples.set(caller, await caller.measure(work)));
  return callers.flatMap((caller) => samples.get(caller) ?? []);
}

function sorted(what: string, all: readonly Round[]): Pick<Measured, 'valid' | 'invalid'> {
  const wrong = all.map((round) => round.find((sample) => sample.invalid !== undefined)?.invalid);
  const valid = all.filter((_, index) => wrong[index] === undefined);
  if (valid.length === 0) throw new Error(`${what}: no round is valid; ${wrong[0]}`);
  return { valid, invalid: wrong.filter((reason) => reason !== undefined) };
}

async function inTurn<T>(callers: readonly Caller[], ask: (caller: Caller) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (const caller of callers) answers.push(await ask(caller));
  return answers;
}
