import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Runtimes with their own `fetch`, by their names in `process.versions`. */
const OWN_FETCH = { bun: 'Bun', deno: 'Deno' } as const;

type Versions = Readonly<Record<string, string | undefined>>;

/** The first version of Node.js with diagnostics channels for `node:http2`. */
export const FIRST_WITH_HTTP2 = 22;
export const BEDROCK_CLIENT = '@aws-sdk/client-bedrock-runtime';
export const HTTP2_WARNING =
  '@aws-sdk/client-bedrock-runtime uses node:http2, which is not observable before Node 22. Pass it requestHandler: new NodeHttpHandler() from @smithy/node-http-handler, or use Node 22';

/** Whether the `fetch` of the runtime publishes nothing on diagnostics channels. */
export function hasOwnFetch(versions: Versions): boolean {
  return edgeRuntime() !== undefined || Object.keys(OWN_FETCH).some((key) => versions[key] !== undefined);
}

/**
 * The name of the edge runtime, or `undefined` elsewhere. Cloudflare Workers with `nodejs_compat` have Node.js modules
 * and a Node.js version.
 */
export function edgeRuntime(): string | undefined {
  const { EdgeRuntime, navigator } = globalThis as {
    EdgeRuntime?: unknown;
    navigator?: { readonly userAgent?: unknown };
  };
  if (typeof EdgeRuntime === 'string') return 'the Edge Runtime of Vercel';
  return navigator?.userAgent === 'Cloudflare-Workers' ? 'Cloudflare Workers' : undefined;
}

export interface RuntimeFacts {
  /** Whether `installFetch` was called. */
  readonly recordsFetch?: boolean;
  /** Whether the application can load a package. */
  readonly isInstalled?: (name: string) => boolean;
}

/**
 * The start-up warnings about clients that are not observable on this runtime:
 * - Bun and Deno (measured with 1.4.5 and 2.9.6) publish on the diagnostics channels of Node's HTTP client, but nothing
 *   of their own `fetch`.
 * - Cloudflare Workers (measured with workerd 1.20260426.1) and Vercel's Edge Runtime publish on none.
 * - Node 20 publishes nothing of `node:http2`, the default of the AWS client for Bedrock.
 *
 * @param versions `process.versions`
 */
export function runtimeWarnings(
  versions: Versions,
  { recordsFetch = false, isInstalled = isInstalledHere }: RuntimeFacts = {},
): string[] {
  const runtimes = Object.entries(OWN_FETCH).flatMap(([key, name]) =>
    versions[key] === undefined ? [] : [`${name} ${versions[key]}`],
  );
  const edge = edgeRuntime();
  if (edge !== undefined) runtimes.push(edge);
  const warnings = recordsFetch ? [] : runtimes.map(fetchWarning);
  const { node } = versions;
  if (Number.parseInt(node ?? '', 10) < FIRST_WITH_HTTP2 && isInstalled(BEDROCK_CLIENT))
    warnings.push(HTTP2_WARNING);
  return warnings;
}

function fetchWarning(runtime: string): string {
  return `The fetch of ${runtime} is not observable. Pass recordedFetch(fetch) to your clients, or call installFetch() before the start`;
}

function isInstalledHere(name: string): boolean {
  try {
    createRequire(join(process.cwd(), 'application.js')).resolve(name);
    return true;
  } catch {
    return false;
  }
}
