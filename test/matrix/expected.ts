import type { RunTree } from '../support/tree.js';
import type { Cell } from './cell.js';

/** What is compared of a run. */
interface RunFacts {
  readonly chatId: string | undefined;
  readonly capture: string | undefined;
  readonly status: string | undefined;
  readonly kind: string | undefined;
  readonly steps: readonly StepFacts[];
}

interface StepFacts {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly status: string | undefined;
  readonly attempts: readonly (number | undefined)[];
  readonly bodies: string;
}

/** Bun and Deno do not show what their `fetch` does, unless it is a recorded one. */
export const seesRequests = ({ runner, client }: Cell): boolean =>
  (runner !== 'bun' && runner !== 'deno') || client.isNodeHttp === true || client.recordedBy !== undefined;

/**
 * The runs that are to come of the turns in `program.ts`: the healthy one in errors mode is not among them, each
 * other one is there once, with one step, and as many attempts as requests came in.
 */
export function expectedRuns(cell: Cell): RunFacts[] {
  const { provider, retries, model, inStep } = cell.client;
  const step = (status: string, attempts: number[], capture: string): StepFacts[] => {
    if (seesRequests(cell))
      return [
        {
          provider,
          model,
          status,
          attempts,
          bodies: capture === 'full' ? 'seen' : 'none',
        },
      ];
    return inStep === true ? [{ provider, model, status, attempts: [], bodies: 'no attempt' }] : [];
  };
  const failed = {
    capture: 'errors',
    status: 'error',
    kind: 'generic',
    steps: step('error', retries ? [500, 500] : [500], 'errors'),
  };
  const succeeded = (chatId: string, attempts: number[]): RunFacts => ({
    chatId,
    capture: 'full',
    status: 'completed',
    kind: undefined,
    steps: step('completed', attempts, 'full'),
  });
  return [
    { chatId: 'failing', ...failed },
    succeeded('rescued', retries ? [500, 200] : [200]),
    succeeded('streamed', [200]),
    ...(seesRequests(cell) ? [{ chatId: undefined, ...failed }] : []),
  ];
}

/** The same of what came. */
export function factsOf(runs: readonly RunTree[]): RunFacts[] {
  return runs.map(({ chatId, capture, status, error, steps }) => ({
    chatId,
    capture,
    status,
    kind: error?.kind,
    steps: steps.map((step) => ({
      provider: step.provider,
      model: step.model,
      status: step.status,
      attempts: step.attempts.map(({ statusCode }) => statusCode),
      bodies: bodiesOf(step.attempts.at(-1)),
    })),
  }));
}

function bodiesOf(attempt: RunTree['steps'][number]['attempts'][number] | undefined): string {
  if (attempt === undefined) return 'no attempt';
  const said = attempt.event.attributes['chatdebug.attempt.bodies'];
  if (said !== undefined) return String(said);
  const { requestBody, responseBody } = attempt;
  if (requestBody === undefined && responseBody === undefined) return 'none';
  const whole = /rescued|streamed/.test(requestBody ?? '') && /umbrella|Take/.test(responseBody ?? '');
  return whole ? 'seen' : `request ${requestBody}, response ${responseBody}`;
}
