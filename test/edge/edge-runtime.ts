import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import * as api from '@opentelemetry/api';
import { REPOSITORY } from '../support/child.js';

/** What there is besides the language itself: no `process`, no `Buffer`, no `global`. */
const GLOBALS = {
  ...{ AbortController, AbortSignal, clearTimeout, console, crypto, fetch, Headers, performance },
  ...{ setTimeout, TextDecoder, TextEncoder, URL, URLSearchParams },
};

/**
 * Loads a built file as a bundle for an edge runtime or a browser would hold it: with all that it requires, and
 * without Node.js.
 *
 * @throws Error that names what was required and is neither ours nor OpenTelemetry's API
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
