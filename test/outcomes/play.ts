import { startProvider } from '../support/provider.js';
import { CLIENT_NAMES, CLIENTS, type ClientName } from './clients.js';
import type { Operation, Scenario } from './scenario.js';
import type { Scene } from './scene.js';
import { type Seen, seen } from './seen.js';

/** Unread responses, held until the end, so that they are not garbage-collected before. */
const kept: unknown[] = [];

/** A played scenario. */
export interface Played {
  readonly scenario: Scenario;
  readonly scene: Scene;
  readonly seen: Seen;
}

/** Plays a scenario with one client and its own provider, which the caller closes. */
export async function play(scenario: Scenario, name: ClientName, operation: Operation): Promise<Played> {
  const client = CLIENTS[name];
  const { answer, stream } = client.dialect;
  const provider = await startProvider();
  const scene: Scene = {
    name,
    client,
    operation,
    provider,
    url: provider.url,
    good: operation === 'generate' ? answer : stream,
    keep: (thing) => void kept.push(thing),
  };
  return { scenario, scene, seen: await seen(scenario.act(scene), () => scene.url) };
}

/** Plays the scenarios with these clients in parallel. */
export async function playAll(
  scenarios: readonly Scenario[],
  names: readonly ClientName[] = CLIENT_NAMES,
): Promise<Played[]> {
  const played = scenarios.flatMap((scenario) => {
    const clients = names.filter((name) => scenario.suits?.(name) ?? true);
    const { operations = ['generate', 'stream'] } = scenario;
    return operations.flatMap((operation) => clients.map((client) => play(scenario, client, operation)));
  });
  return Promise.all(played);
}
