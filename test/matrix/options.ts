import { parseArgs } from 'node:util';

export interface MatrixOptions {
  /** One column of each row instead of all. */
  readonly ci: boolean;
  /** Writes the page instead of comparing with it. */
  readonly write: boolean;
  /** Resolves the lock files anew, and tries nothing. */
  readonly lock: boolean;
  /** Rows whose name contains it. */
  readonly only: string | undefined;
  /** Where to install; what is there already is taken as it is. A temporary folder unless given. */
  readonly folder: string | undefined;
  readonly jobs: number;
}

export const HELP = `npm run test:matrix -- [options]
  --ci            one column of each row, rotating, instead of all
  --write         writes docs/compatibility.md; otherwise each outcome is compared with it
  --only <text>   the rows whose name contains the text
  --in <folder>   installs there and leaves it, for the next time; a temporary folder otherwise
  --jobs <n>      cells that run at a time, 2 unless given
  --lock          resolves the lock files of test/matrix/projects anew, and tries nothing`;

/** @throws TypeError for an option that there is not */
export function parseOptions(args: readonly string[]): MatrixOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ci: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      lock: { type: 'boolean', default: false },
      only: { type: 'string' },
      in: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.write && (values.ci || values.only !== undefined)) {
    throw new TypeError('--write needs every cell: not with --ci or --only');
  }
  const { ci, write, lock, only, in: folder } = values;
  return { ci, write, lock, only, folder, jobs: Math.max(1, Number(values.jobs) || 2) };
}
