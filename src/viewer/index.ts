import { startServer, type ViewerServer } from './server.js';
import { type StoreLimits, ViewerStore } from './store.js';
import { defaultStoreFile } from './store-file.js';

/** Options of `startViewer`. */
export interface ViewerOptions extends Partial<StoreLimits> {
  /** The port. 0 selects a free one. Default: 4318, the port of OTLP over HTTP. */
  readonly port?: number | undefined;
  /** The path of the store file. Default: in `$XDG_DATA_HOME` or `~/.local/share`. */
  readonly store?: string | undefined;
  /** Called with a message when a request could not be stored or answered. Default: writes to stderr. */
  readonly onProblem?: ((message: string) => void) | undefined;
}

/** A running viewer. */
export interface Viewer {
  /** `http://127.0.0.1:PORT`: the address of the page and the value of `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** The path of the store file. */
  readonly store: string;
  /** Closes all connections and releases the port and the store. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 4318;
const DEFAULT_MAX_AGE_MILLIS = 7 * 24 * 3_600_000;
export const DEFAULT_MAX_BYTES = 1_000_000_000;

/**
 * Starts a viewer: it receives spans over OTLP, stores them in a file and shows their runs.
 *
 * @throws StoreError if the store cannot be used, ListenError if the port cannot be used, NoSqliteError without
 * SQLite
 */
export async function startViewer(options: ViewerOptions = {}): Promise<Viewer> {
  const {
    port = DEFAULT_PORT,
    store: file = defaultStoreFile(process.env),
    maxAgeMillis = DEFAULT_MAX_AGE_MILLIS,
    maxBytes = DEFAULT_MAX_BYTES,
    onProblem = (message) => console.error(message),
  } = options;
  const store = new ViewerStore(file, { maxAgeMillis, maxBytes });
  let server: ViewerServer;
  try {
    server = await startServer(store, port, onProblem);
    store.announce(server.url);
  } catch (error) {
    store.close();
    throw error;
  }
  return {
    url: server.url,
    store: store.path,
    close: async () => {
      await server.close();
      store.close();
    },
  };
}
