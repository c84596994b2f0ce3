import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Command, invalidArgument, PROGRAM, portArgument, UsageError } from '../command.js';
import { untilStopped } from '../replay/run-command.js';
import { startViewer } from '../viewer/index.js';
import { ViewerStore } from '../viewer/store.js';
import { defaultStoreFile, StoreInUseError } from '../viewer/store-file.js';

const USAGE = `Usage: npx ${PROGRAM} view [options]

Receives traces by OTLP over HTTP on this machine, stores them in a file, and shows the runs in a browser. Send the traces
of an application to it with OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318. See docs/viewer.md.

  --port <number>     port to listen on, on loopback; 0 for a free port (default: 4318)
  --store <file>      file for the received data (default: viewer.sqlite in $XDG_DATA_HOME or ~/.local/share, in the folder
                      ${PROGRAM})
  --max-age <time>    deletes data received longer ago: a number with m, h or d (default: 7d)
  --max-size <size>   deletes the oldest data beyond it: a number with MB or GB (default: 1GB)
  --open              opens the page in the browser
  --delete-chat <id>  deletes the runs of a chat from the store, and exits
  --delete-all        deletes everything from the store, and exits
  --help              prints this text

Exit code: 0 after Ctrl-C, 1 if the port or the store cannot be used, 2 if the command line is invalid.`;

const MILLIS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { MB: 1_000_000, GB: 1_000_000_000 };
const SMALLEST_STORE_BYTES = 1_000_000;

export const viewCommand: Command = {
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '4318' },
        store: { type: 'string' },
        'max-age': { type: 'string', default: '7d' },
        'max-size': { type: 'string', default: '1GB' },
        open: { type: 'boolean', default: false },
        'delete-chat': { type: 'string' },
        'delete-all': { type: 'boolean', default: false },
      },
    });
    if (positionals.length > 0)
      throw new UsageError(`Unexpected argument "${positionals[0]}": expected options only`);
    const options = {
      port: portArgument(values.port),
      store: values.store ?? defaultStoreFile(process.env),
      maxAgeMillis: amountOf('--max-age', values['max-age'], MILLIS, 'a number with m, h or d, such as 7d'),
      maxBytes: amountOf('--max-size', values['max-size'], BYTES, 'a number with MB or GB, such as 1GB'),
    };
    if (options.store === '') throw invalidArgument('--store', '', 'a file');
    if (options.maxBytes < SMALLEST_STORE_BYTES)
      throw invalidArgument('--max-size', values['max-size'], '1MB or more');
    const { 'delete-chat': chatId, 'delete-all': isAll } = values;
    if (chatId !== undefined && isAll)
      throw new UsageError('--delete-chat and --delete-all cannot be combined');
    if (chatId !== undefined || isAll) return deleteRuns(options, chatId);
    return view(options, values.open);
  },
};

interface StoreOptions {
  readonly port: number;
  readonly store: string;
  readonly maxAgeMillis: number;
  readonly maxBytes: number;
}

async function view(options: StoreOptions, isOpened: boolean): Promise<number> {
  const stopped = untilStopped();
  const viewer = await startViewer(options);
  console.log(`Runs:      ${viewer.url}/`);
  console.log(`Endpoint:  OTEL_EXPORTER_OTLP_ENDPOINT=${viewer.url}`);
  console.log(`Store:     ${viewer.store}`);
  console.log('Press Ctrl-C to stop.');
  if (isOpened) openPage(`${viewer.url}/`);
  await stopped;
  await viewer.close();
  return 0;
}

/** If a viewer has the store open, deletes through its API. */
async function deleteRuns(options: StoreOptions, chatId: string | undefined): Promise<number> {
  const what = chatId === undefined ? 'everything' : `chat ${chatId}`;
  try {
    const store = new ViewerStore(options.store, options);
    try {
      const count = store.deleteRuns(chatId);
      console.log(`Deleted ${what}: ${count === 1 ? '1 run' : `${count} runs`}.`);
    } finally {
      store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreInUseError) || error.url === undefined) throw error;
    const url = new URL('/runs', error.url);
    if (chatId !== undefined) url.searchParams.set('chat', chatId);
    const response = await fetch(url, { method: 'DELETE' });
    if (!response.ok) throw new Error(`The viewer at ${error.url} responded with ${response.status}.`);
    console.log(`Deleted ${what}, by the viewer at ${error.url}.`);
  }
  return 0;
}

function amountOf(
  option: string,
  text: string,
  units: Readonly<Record<string, number>>,
  expected: string,
): number {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([a-zA-Z]{1,2})$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  const amount = Number(number) * (factor ?? Number.NaN);
  if (!(amount > 0)) throw invalidArgument(option, text, expected);
  return amount;
}

/** Opens the page with the program of the system for it. Without one, the user has the printed URL. */
function openPage(url: string): void {
  const [command = '', ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  spawn(command, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
