import { join } from 'node:path';
import { stringify } from 'yaml';
import { REPOSITORY } from '../../support/child.js';
import { COLLECTOR } from '../programs/built.js';
import { freeAddresses, type RunningProgram, scratchDirectory, startProgram } from './program.js';

export interface Collector extends RunningProgram {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** `127.0.0.1:PORT`, for the exporter of another Collector. */
  readonly grpc: string;
  /** Starts it again, on the same ports and with the same queue. */
  again(): Promise<Collector>;
}

export interface CollectorOptions {
  /** Relative to the repository root. */
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Merged into the configuration. A list replaces a list. */
  readonly overrides?: object;
}

/** The configuration of the repository, on free ports and with its own queue. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const [http = '', grpc = '', health = ''] = await freeAddresses(3);
  const ports = {
    extensions: { health_check: { endpoint: health } },
    receivers: { otlp: { protocols: { http: { endpoint: http }, grpc: { endpoint: grpc } } } },
    service: { telemetry: { metrics: { level: 'none' } } },
  };
  const args = [join(REPOSITORY, options.config), `yaml:${stringify(ports)}`];
  if (options.overrides !== undefined) args.push(`yaml:${stringify(options.overrides)}`);
  const env = { QUEUE_DIRECTORY: scratchDirectory(), ...options.env };
  const start = async (): Promise<Collector> => {
    const program = await startProgram({
      binary: COLLECTOR.binary,
      args: args.flatMap((arg) => ['--config', arg]),
      env,
      readyUrl: `http://${health}`,
    });
    return { ...program, url: `http://${http}`, grpc, again: start };
  };
  return start();
}
