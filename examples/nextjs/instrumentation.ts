/** Next.js calls this once for each runtime, before the first request. */
export async function register(): Promise<void> {
  // Imported inside the condition, so that the bundle for the edge runtime does not include it.
  if (process.env.NEXT_RUNTIME === 'nodejs') await import('./instrumentation-node');
}
