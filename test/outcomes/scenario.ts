import type { ChatDebugOptions } from '../../src/index.js';
import type { ClientName } from './clients.js';
import type { Scene } from './scene.js';

/**
 * The end of a call's step and run: status, kind of the error, and the attempts. A number is the status code. An
 * attempt that did not complete has its status.
 */
export type Outcome = string;

export type Operation = 'generate' | 'stream';

/**
 * Groups of scenarios that are played in parallel: those without waiting, those whose exchange ends with the
 * recording, and those that take a fixed time, which others must not lengthen.
 */
export const SETS = {
  quick: {},
  abandoned: {},
  timed: {},
} as const satisfies Record<string, ChatDebugOptions>;

export type ScenarioSet = keyof typeof SETS;

/** A fault of a call, or an action of its caller. */
export interface Scenario {
  readonly name: string;
  /** Default: both. */
  readonly operations?: readonly Operation[];
  /** The expected outcome in full capture. */
  readonly expected: Outcome;
  /** Whether it is kept in errors mode. Default: if it ends as `error generic`. */
  readonly keptInErrors?: boolean;
  /** The affected clients. Default: all. */
  suits?(client: ClientName): boolean;
  /** Default: `quick`. */
  readonly set?: ScenarioSet;
  /** Scripts the provider, makes the call, and returns the text that the application got. */
  act(scene: Scene): Promise<string>;
}

export const isFetch = (client: ClientName): boolean => client.startsWith('fetch');

/** Clients of one generator, which number their attempts. */
export const isStainless = (client: ClientName): boolean =>
  client.startsWith('openai') || client === '@anthropic-ai/sdk';
