import type { Cut, FieldExchange } from './exchange.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';

/** The recordings of each exchange over `node:http`, in both captures. */
export interface OverNodeHttp {
  readonly full: readonly Outcome[];
  readonly errors: readonly Outcome[];
}

const RANDOM: Cut = { random: Number(process.env['CHATDEBUG_TEST_SEED']) || 1 };

export async function overNodeHttp(exchanges: readonly FieldExchange[]): Promise<OverNodeHttp> {
  return {
    full: await outcomesOf(exchanges, 'full', RANDOM, 'node:http'),
    errors: await outcomesOf(exchanges, 'errors', 'whole', 'node:http'),
  };
}

/** Asserts that the outcome of the exchange with this index is the one by fetch. */
export function expectAsByFetch({ full, errors }: OverNodeHttp, index: number, byFetch = NOTHING): void {
  const seen = full[index] ?? NOTHING;
  expect(comparable(seen)).toEqual(comparable(byFetch));
  expect(errors[index]).toEqual(seen.status === 'error' ? seen : NOTHING);
}

/** Each HTTP client has its own errors for a broken connection. */
function comparable({ status, kind, errorType = '', detail }: Outcome): object {
  return /^(UND_ERR_|HPE_|ECONNRESET)/.test(errorType)
    ? { status, kind }
    : { status, kind, errorType, detail };
}
