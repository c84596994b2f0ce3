import { observeAnswer, SECTIONS } from './answers.js';
import { CLIENTS, type ClientName } from './clients.js';
import { FAULTS } from './faults.js';
import { type Observed, observeFault } from './observe.js';

/** One line of the output of this program. */
export interface Observation {
  /** The provider that responds, or `undefined` for transport errors and aborts. */
  readonly section?: string;
  readonly name: string;
  readonly client: ClientName;
  readonly observed: Observed;
}

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

function print(observation: Observation): void {
  console.log(JSON.stringify(observation));
}

async function main() {
  const all = Object.keys(CLIENTS) as ClientName[];
  for (const fault of FAULTS) {
    const clients = all.filter((client) => fault.suits?.(client) ?? true);
    const found = await observeFault(fault, clients);
    for (const [client, observed] of found) print({ name: fault.name, client, observed });
  }
  for (const { title: section, clients, answers } of SECTIONS) {
    for (const client of clients) {
      for (const answer of answers) {
        print({ section, name: answer.name, client, observed: await observeAnswer(answer, client) });
      }
    }
  }
}

main();
