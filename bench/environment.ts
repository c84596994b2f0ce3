import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { rivalVersions } from './rivals-installed.js';

const MEASURED = ['openai', 'ai', '@ai-sdk/openai', '@opentelemetry/sdk-trace-node'];

/** What the figures come from. */
export interface Environment {
  readonly node: string;
  readonly machine: string;
  /** Packages by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export function environment(rivals: boolean): Environment {
  const processors = cpus();
  const model = processors[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown processor';
  return {
    node: process.version,
    machine: `${process.platform} ${process.arch}, ${processors.length} × ${model}`,
    versions: {
      ...Object.fromEntries(MEASURED.map((name) => [name, installedVersion(name)])),
      ...(rivals && rivalVersions()),
    },
  };
}

export function environmentText({ node, machine, versions }: Environment): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Node ${node.slice(1)} on ${machine}; ${packages.join(', ')}.`;
}

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(__dirname, '..', 'node_modules', name, 'package.json'), 'utf8'))
    .version;
}
