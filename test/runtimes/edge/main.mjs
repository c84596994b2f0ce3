import assert from 'node:assert';
import asyncHooks from 'node:async_hooks';
import buffer from 'node:buffer';
import events from 'node:events';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import util from 'node:util';
import { EdgeRuntime } from 'edge-runtime';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

/** Leaves modules of Node.js to the runtime, also if CommonJS requires them, like Cloudflare's own bundling. */
const nodeModules = {
  name: 'node-modules',
  setup({ onResolve, onLoad }) {
    const names = new RegExp(
      `^(?:node:)?(?:${builtinModules.map((name) => name.replaceAll('/', '\\/')).join('|')})$`,
    );
    onResolve({ filter: names }, ({ path, kind }) => {
      const name = `node:${path.replace(/^node:/, '')}`;
      return kind === 'require-call' ? { path: name, namespace: 'required' } : { path: name, external: true };
    });
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `import required from '${path}'; module.exports = required;`,
    }));
  },
};

const common = {
  bundle: true,
  platform: 'browser',
  // The package is a link in this project.
  preserveSymlinks: true,
  logLevel: 'error',
};

const { CHATDEBUG_CAPTURE, OTLP_URL, PIPELINE, PROVIDER_URL } = process.env;
const env = { CHATDEBUG_CAPTURE, OTLP_URL, PIPELINE, PROVIDER_URL };

/** Each starts a runtime. */
const RUNTIMES = {
  async workerd() {
    await build({
      ...common,
      entryPoints: ['worker.mjs'],
      outfile: 'worker-bundle.mjs',
      format: 'esm',
      conditions: ['workerd', 'worker', 'browser'],
      plugins: [nodeModules],
    });
    const worker = new Miniflare({
      modules: true,
      scriptPath: 'worker-bundle.mjs',
      compatibilityDate: '2026-04-01',
      compatibilityFlags: ['nodejs_compat'],
      bindings: env,
    });
    return { fetch: (url) => worker.dispatchFetch(url), stop: () => worker.dispose() };
  },

  async 'edge-light'() {
    await build({
      ...common,
      entryPoints: ['edge-light.mjs'],
      outfile: 'edge-bundle.js',
      format: 'iife',
      conditions: ['edge-light'],
      alias: {
        'opentelemetry-instrumentation-chatdebug/workers': 'opentelemetry-instrumentation-chatdebug/edge',
      },
      external: ['node:*'],
    });
    const function_ = new EdgeRuntime({
      initialCode: readFileSync('edge-bundle.js', 'utf8'),
      extend: (context) => Object.assign(context, { process: { env }, require: moduleOfEdgeRuntime }),
    });
    return { fetch: (url) => function_.dispatchFetch(url), stop() {} };
  },
};

/** The modules of Node.js in Vercel's Edge Runtime, with their members. */
const MODULES = new Map([
  ['node:assert', assert],
  ['node:async_hooks', pick(asyncHooks, 'AsyncLocalStorage', 'AsyncResource')],
  ['node:buffer', pick(buffer, 'Buffer')],
  ['node:events', events],
  ['node:util', pick(util, 'callbackify', 'inherits', 'promisify', 'types')],
]);

function pick(module, ...names) {
  return Object.fromEntries(names.map((name) => [name, module[name]]));
}

function moduleOfEdgeRuntime(name) {
  const module = MODULES.get(name);
  if (module === undefined) throw new Error(`There is no ${name} in the Edge Runtime`);
  return module;
}

const [name, ...rounds] = process.argv.slice(2);
const runtime = await RUNTIMES[name]();

/** Each round is a list of queries that are sent in parallel. */
const said = [];
for (const queries of rounds) {
  const responses = queries.split(' ').map((query) => runtime.fetch(`http://worker/?${query}`));
  for (const response of await Promise.all(responses)) said.push(await response.text());
}
await runtime.fetch('http://worker/?turn=wait&bare');
await runtime.stop();
// The timers of an edge runtime keep this process alive.
process.stdout.write(JSON.stringify(said), () => process.exit());
