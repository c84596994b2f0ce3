/** Runtimes with a `fetch` of their own, by the name of their entry in `process.versions`. */
const OWN_FETCH = { bun: 'Bun', deno: 'Deno' } as const;

/**
 * What is to be said at start-up of the runtime: Bun and Deno (measured with 1.4.5 and 2.9.5) have Node's
 * diagnostics channels, and publish on those of its HTTP client, but nothing of their own `fetch`.
 *
 * @param versions those of the process
 */
export function runtimeWarnings(versions: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(OWN_FETCH).flatMap(([key, name]) => {
    const version = versions[key];
    if (version === undefined) return [];
    return `the fetch of ${name} ${version} can't be observed: of clients that use it no request is recorded, only what withRun, withStep and wrapModel are told; node:http is recorded as on Node`;
  });
}
