import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import type { Cut, FieldExchange } from './exchange.js';
import { readFixtures } from './fixtures.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';
import { VARIANTS } from './variants.js';

const FIELD_CASES: readonly (FieldExchange & { readonly title: string })[] = JSON.parse(
  readFileSync(join(REPOSITORY, 'test/fixtures/field-cases.json'), 'utf8'),
);
const EXCHANGES = [
  ...FIELD_CASES,
  ...VARIANTS,
  ...readFixtures().map((fixture) => ({ ...fixture, title: fixture.name })),
];
const RANDOM: Cut = { random: Number(process.env['CHATDEBUG_TEST_SEED']) || 1 };

/** Each HTTP client has errors of its own for a connection that breaks. */
function comparable({ status, kind, errorType = '', detail }: Outcome): object {
  return /^(UND_ERR_|HPE_|ECONNRESET)/.test(errorType)
    ? { status, kind }
    : { status, kind, errorType, detail };
}

let byFetch: readonly Outcome[] = [];
let full: readonly Outcome[] = [];
let errors: readonly Outcome[] = [];
beforeAll(async () => {
  byFetch = await outcomesOf(EXCHANGES, 'full', 'whole');
  full = await outcomesOf(EXCHANGES, 'full', RANDOM, 'node:http');
  errors = await outcomesOf(EXCHANGES, 'errors', RANDOM, 'node:http');
});

test.each(EXCHANGES.map(({ title }, index) => [title, index] as const))(
  '%s: the same outcome over node:http as by fetch, in both captures',
  (_, index) => {
    const [expected = NOTHING, seen = NOTHING] = [byFetch[index], full[index]];
    expect(comparable(seen)).toEqual(comparable(expected));
    expect(errors[index]).toEqual(seen.status === 'error' ? seen : NOTHING);
  },
);
