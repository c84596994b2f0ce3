import type { Cell, Row } from '../cell.js';
import { afterInstallFetch, type Client, FETCH, inStep, NODE_HTTP, withRecordedFetch } from '../clients.js';
import type { ModuleForm } from '../program.js';
import { OPENAI } from './row.js';

function onRuntimes(name: string, client: Client, note: string): Row {
  const cell = (runner: 'bun' | 'deno', form: ModuleForm): Cell => ({
    project: 'runtimes',
    client,
    form,
    load: 'code',
    runner,
    host: 'process',
  });
  return {
    name,
    note,
    cells: new Map([
      ['Bun', cell('bun', 'import')],
      ['Deno', cell('deno', 'require')],
    ]),
  };
}

export const RUNTIMES: Row[] = [
  onRuntimes('`openai` 6 with `fetch: recordedFetch(fetch)`', withRecordedFetch(OPENAI), ''),
  onRuntimes('its own `fetch` after `installFetch()`', afterInstallFetch(FETCH), ''),
  onRuntimes(
    'its own `fetch`, and SDKs on it',
    OPENAI,
    'data passed to `withRun`, `withStep` and `wrapModel` are recorded',
  ),
  onRuntimes('its own `fetch`, in `withStep`', inStep(FETCH), 'steps without attempts'),
  onRuntimes('`node:http`, and clients on it', NODE_HTTP, ''),
];
