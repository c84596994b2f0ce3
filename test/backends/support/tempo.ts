import { join } from 'node:path';
import { findTempo } from '../programs/built.js';
import { freeAddresses, type RunningProgram, scratchDirectory, startProgram } from './program.js';

export interface Tempo extends RunningProgram {
  /** `127.0.0.1:PORT`, OTLP over gRPC. */
  readonly otlp: string;
  /** The URL of its query API. */
  readonly url: string;
}

/** `undefined` if it is not available. */
export async function startTempo(): Promise<Tempo | undefined> {
  const binary = findTempo();
  if (binary === undefined) return undefined;
  const [otlp = '', http = '', grpc = '', gossip = ''] = await freeAddresses(4);
  const port = (address: string): string => address.split(':')[1] ?? '';
  const program = await startProgram({
    binary,
    args: [`-config.file=${join(__dirname, '..', 'programs', 'tempo.yaml')}`, '-config.expand-env=true'],
    env: {
      OTLP: otlp,
      HTTP_PORT: port(http),
      GRPC_PORT: port(grpc),
      GOSSIP_PORT: port(gossip),
      DIRECTORY: scratchDirectory(),
    },
    readyUrl: `http://${http}/ready`,
  });
  return { ...program, otlp, url: `http://${http}` };
}
