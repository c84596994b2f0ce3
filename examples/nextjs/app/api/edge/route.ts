import { classifyError, withRun } from 'opentelemetry-instrumentation-chatdebug';

export const runtime = 'edge';

/** There is no Node.js here, so nothing is recorded, and what is called works all the same. */
export function GET(): Response {
  return withRun({ kind: 'chat_turn' }, (run) =>
    Response.json({ traceId: run.traceId ?? null, kind: classifyError({ status: 429 }).kind }),
  );
}
