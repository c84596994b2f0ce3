import type { ChatDebugOptions } from '../../src/index.js';
import type { ClientName } from './clients.js';
import type { Scene } from './scene.js';

/**
 * How the step of a call ended, its run with it: status, kind of the error, and the attempts. A number is the
 * status code; an attempt that did not complete says how it ended.
 */
export type Outcome = string;

export type Operation = 'generate' | 'stream';

/**
 * Scenarios that are played at the same time: those in which nobody waits; those in which nobody ends the exchange,
 * so that it ends with the recording; those that take the time they take, which others must not lengthen.
 */
export const SETS = {
  quick: {},
  abandoned: {},
  timed: {},
} as const satisfies Record<string, ChatDebugOptions>;

export type ScenarioSet = keyof typeof SETS;

/** Something that happens to a call, or that the caller does with it. */
export interface Scenario {
  readonly name: string;
  /** Default: both. */
  readonly operations?: readonly Operation[];
  /** In full capture. */
  readonly expected: Outcome;
  /** Whether it is kept in errors mode. Default: where it ends as `error generic`. */
  readonly keptInErrors?: boolean;
  /** Clients that it can happen to. Default: all. */
  suits?(client: ClientName): boolean;
  /** Default: `quick`. */
  readonly set?: ScenarioSet;
  /** Scripts the provider, makes the call, and gives the text that the application got. */
  act(scene: Scene): Promise<string>;
}

export const isFetch = (client: ClientName): boolean => client.startsWith('fetch');

/** Clients made by one generator: they number their tries. */
export const isStainless = (client: ClientName): boolean =>
  client.startsWith('openai') || client === '@anthropic-ai/sdk';
