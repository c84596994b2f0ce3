import type { Beside, Cell, Row } from '../cell.js';
import { type Client, openai } from '../clients.js';
import type { ModuleForm } from '../program.js';

/** What differs by version where it is not what a row is about: each of these is so met by each application. */
const BY_NODE: ReadonlyMap<string, Pick<Cell, 'form' | 'load'>> = new Map([
  ['20', { form: 'import', load: '--import' }],
  ['22', { form: 'require', load: '--require' }],
  ['24', { form: 'import', load: 'code' }],
  ['26', { form: 'require', load: '--import' }],
]);

export const NODES: readonly string[] = [...BY_NODE.keys()];

/** With the real name, which other tracing looks for. */
export const OPENAI = openai(6, 'openai');

export const FORMS: readonly ModuleForm[] = ['import', 'require'];
export const WRITTEN: Readonly<Record<ModuleForm, string>> = { import: 'an ES module', require: 'CommonJS' };

export interface RowOptions extends Partial<Cell> {
  readonly client: Client;
  /** The lowest version of Node that the application runs on, if not 20. */
  readonly from?: number;
  readonly note?: string;
}

export function row(name: string, { from = 20, note, ...differing }: RowOptions): Row {
  const usual = { project: 'clients', runner: 'node', host: 'process' } as const;
  const offered = [...BY_NODE].filter(([node]) => Number(node) >= from);
  const cells = new Map(
    offered.map(([node, { form, load }]) => {
      // What `--require` names is loaded before all that `--import` does.
      const late = differing.order === 'before' && load === '--require' ? '--import' : load;
      return [node, { ...usual, form, load: late, ...differing }];
    }),
  );
  return { name, cells, ...(note === undefined ? {} : { note }) };
}

/** A row for what starts before us, and one for what starts after us, which then has to be by a flag. */
export function bothOrders(name: string, options: RowOptions & { readonly beside: Beside }): Row[] {
  return [
    row(`${name}, started before it`, { ...options, order: 'before' }),
    row(`${name}, started after it`, { ...options, order: 'after', load: '--import' }),
  ];
}
