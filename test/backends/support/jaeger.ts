import { join } from 'node:path';
import { JAEGER } from '../programs/built.js';
import { freeAddresses, type RunningProgram, scratchDirectory, startProgram } from './program.js';

export interface Jaeger extends RunningProgram {
  /** `127.0.0.1:PORT`, OTLP over gRPC. */
  readonly otlp: string;
  /** The URL of its query API. */
  readonly url: string;
  /** Starts it again, on the same ports and with the stored data. */
  again(): Promise<Jaeger>;
}

export async function startJaeger(): Promise<Jaeger> {
  const [otlp = '', query = '', queryGrpc = '', health = ''] = await freeAddresses(4);
  const env = {
    OTLP: otlp,
    QUERY: query,
    QUERY_GRPC: queryGrpc,
    HEALTH: health,
    DIRECTORY: scratchDirectory(),
  };
  const start = async (): Promise<Jaeger> => {
    const program = await startProgram({
      binary: JAEGER.binary,
      args: ['--config', join(__dirname, '..', 'programs', 'jaeger.yaml')],
      env,
      readyUrl: `http://${health}/status`,
    });
    return { ...program, otlp, url: `http://${query}`, again: start };
  };
  return start();
}
