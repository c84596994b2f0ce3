import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const MEASURED = ['openai', 'ai', '@ai-sdk/openai', '@opentelemetry/sdk-trace-node'];

/** The environment of the measurement. */
export interface Environment {
  readonly machine: string;
  /** The mean number of running processes in the minute before the benchmark. */
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
  const list = ['```text', ...packages, '```'].join('\n');
  return `Measured on ${machine}. Load average before the run: ${loadBefore.toFixed(1)}. Versions:\n\n${list}`;
}

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(__dirname, '..', 'node_modules', name, 'package.json'), 'utf8'))
    .version;
}

const RIVALS = join(__dirname, 'rivals');
const NODES = join(__dirname, '..', 'test', 'nodes');

/** Installs the packages of the comparison if necessary. */
export function installRivals(): void {
  install(RIVALS);
}

/** The pinned packages of the comparison, by name. */
function rivalVersions(): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(join(RIVALS, 'package.json'), 'utf8'));
  return dependencies;
}

/**
 * Returns the path of a program of Node.
 *
 * @param name a major number, or a path
 */
export function nodeProgram(name: string): string {
  if (!/^\d+$/.test(name)) return name;
  if (name === process.versions.node.split('.')[0]) return process.execPath;
  install(NODES);
  const program = join(NODES, 'node_modules', `node${name}`, 'bin', 'node');
  if (!existsSync(program)) throw new Error(`test/nodes has no Node ${name}; give a path instead`);
  return program;
}

export function nodeVersion(program: string): string {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim().slice(1);
}

/** As the lock file has it. */
function install(folder: string): void {
  const lock = join(folder, 'package-lock.json');
  // npm writes it last.
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  process.stderr.write(`bench: installing ${folder}\n`);
  execFileSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
}
