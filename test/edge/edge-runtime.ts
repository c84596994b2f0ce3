import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import * as api from '@opentelemetry/api';
import { REPOSITORY, runNode } from '../support/child.js';

/** The globals besides those of the language: no `process`, no `Buffer`, no `global`. */
const GLOBALS = {
  ...{ AbortController, AbortSignal, clearTimeout, console, crypto, fetch, Headers, performance },
  ...{ setTimeout, TextDecoder, TextEncoder, URL, URLSearchParams },
};

/**
 * Loads a built file like a bundle for an edge runtime or a browser: with everything that it requires, and
 * without Node.js.
 *
 * @throws Error that names a required module that is neither part of the package nor OpenTelemetry's API
 */
export function loadWithoutNode<T>(file: string): T {
  const context = createContext({ ...GLOBALS });
  const loaded = new Map<string, object>();
  const load = (path: string): object => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const module = { exports: {} };
    loaded.set(path, module.exports);
    const wrapped = `(function (module, exports, require) {${readFileSync(path, 'utf8')}\n})`;
    runInContext(wrapped, context, { filename: path })(module, module.exports, (name: string) => {
      if (name.startsWith('.')) return load(join(dirname(path), name));
      if (name === '@opentelemetry/api') return api;
      throw new Error(`${path} loads ${name}`);
    });
    return module.exports;
  };
  return load(join(REPOSITORY, file)) as T;
}

/** A program that does the same with an ES module, named in its last argument, and prints its exports. */
const MODULE_WITHOUT_NODE = `
import { readFileSync } from 'node:fs';
import { createContext, SourceTextModule, SyntheticModule } from 'node:vm';
import * as api from '@opentelemetry/api';

const context = createContext({ ${Object.keys(GLOBALS).join(', ')} });
const [file, ...modules] = JSON.parse(process.argv.at(-1));
const module = new SourceTextModule(readFileSync(file, 'utf8'), { context, identifier: file });
await module.link(async (name) => {
  if (name !== '@opentelemetry/api' && !modules.includes(name)) throw new Error(file + ' loads ' + name);
  const loaded = name === '@opentelemetry/api' ? api : await import(name);
  return new SyntheticModule(Object.keys(loaded), function () {
    for (const [key, value] of Object.entries(loaded)) this.setExport(key, value);
  }, { context });
});
await module.evaluate();
console.log(JSON.stringify(Object.keys(module.namespace)));
`;

/**
 * The names that a built ES module exports, after it has run without Node.js.
 *
 * @param modules the modules of Node.js that it may load
 * @throws Error with the output of the module's process, if it does not run
 */
export async function exportsWithoutNode(file: string, ...modules: readonly string[]): Promise<string[]> {
  const program = { source: MODULE_WITHOUT_NODE, type: 'module' } as const;
  const { code, stdout, stderr } = await runNode(program, {
    nodeOptions: ['--experimental-vm-modules', '--no-warnings'],
    args: [JSON.stringify([join(REPOSITORY, file), ...modules])],
  });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
