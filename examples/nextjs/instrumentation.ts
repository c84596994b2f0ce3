/** Next.js calls this once for each runtime, before the first request. */
export async function register(): Promise<void> {
  // Inside the condition, so that it is left out of what is built for the edge runtime.
  if (process.env.NEXT_RUNTIME === 'nodejs') await import('./instrumentation-node');
}
