import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { rivalVersions } from './installed.js';

const MEASURED = ['openai', 'ai', '@ai-sdk/openai', '@opentelemetry/sdk-trace-node'];

/** What the figures come from. */
export interface Environment {
  readonly machine: string;
  /** Processes that were running before the benchmark began, in the mean of a minute. */
  readonly loadBefore: number;
  /** Packages by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export function environment(): Environment {
  const processors = cpus();
  const model = processors[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown processor';
  return {
    machine: `${process.platform} ${process.arch}, ${processors.length} × ${model}`,
    loadBefore: loadavg()[0] ?? Number.NaN,
    versions: {
      ...rivalVersions(),
      ...Object.fromEntries(MEASURED.map((name) => [name, installedVersion(name)])),
    },
  };
}

export function environmentText({ machine, loadBefore, versions }: Environment): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Measured on ${machine}; load before the run: ${loadBefore.toFixed(1)}. ${packages.join(', ')}.`;
}

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(__dirname, '..', 'node_modules', name, 'package.json'), 'utf8'))
    .version;
}
