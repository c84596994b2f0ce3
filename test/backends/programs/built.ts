import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../../support/cache.js';

/** A program that is built from Go modules. */
export interface BuiltProgram {
  readonly name: string;
  /** The name of the file in this folder that pins its modules. */
  readonly manifest: string;
  /** Outside the checkout, in a folder per manifest. */
  readonly directory: string;
  readonly binary: string;
}

export const COLLECTOR = program('otelcol', 'collector.yaml');
export const JAEGER = program('jaeger', 'jaeger/go.mod');

/** The Tempo to test with: `TEMPO_BIN`, else a `tempo` on the PATH. It cannot be built from its Go module. */
export function findTempo(): string | undefined {
  const named = process.env['TEMPO_BIN'];
  if (named !== undefined && named !== '') return named;
  const places = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'tempo'));
  return places.find((place) => existsSync(place));
}

function program(name: string, manifest: string): BuiltProgram {
  const path = join(__dirname, manifest);
  const directory = cacheFolder(name, readFileSync(path));
  return { name, manifest: path, directory, binary: join(directory, name) };
}
