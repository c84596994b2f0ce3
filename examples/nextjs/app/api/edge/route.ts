import { classifyError, withRun } from 'opentelemetry-instrumentation-chatdebug';

export const runtime = 'edge';

/** The edge runtime is not Node.js: nothing is recorded, and the functions still work. */
export function GET(): Response {
  return withRun({ kind: 'chat_turn' }, (run) =>
    Response.json({ traceId: run.traceId ?? null, kind: classifyError({ status: 429 }).kind }),
  );
}
