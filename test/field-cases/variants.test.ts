import type { Cut } from './exchange.js';
import { expectAsByFetch, type OverNodeHttp, overNodeHttp } from './node-http.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';
import { POLLED_VARIANTS } from './polled-variants.js';
import { VARIANTS } from './variants.js';

const ALL = [...VARIANTS, ...POLLED_VARIANTS];
const RANDOM: Cut = { random: Number(process.env['CHATDEBUG_TEST_SEED']) || 1 };
const TITLES = ALL.map(({ title }, index) => [title, index] as const);

let whole: readonly Outcome[] = [];
let cut: readonly Outcome[] = [];
let errors: readonly Outcome[] = [];
let byNodeHttp: OverNodeHttp;
beforeAll(async () => {
  whole = await outcomesOf(ALL, 'full', 'whole');
  cut = await outcomesOf(ALL, 'full', RANDOM);
  errors = await outcomesOf(ALL, 'errors', RANDOM);
  // In errors capture it gets the whole bodies: each capture reads both.
  byNodeHttp = await overNodeHttp(ALL);
});

test.each(TITLES)('%s', (_, index) => {
  const { detail, ...expected } = ALL[index]?.expected ?? {};
  const outcome = whole[index] ?? NOTHING;
  expect(outcome).toMatchObject({ ...expected, ...(detail && { detail: expect.stringContaining(detail) }) });
  expect(cut[index]).toEqual(outcome);
  expect(errors[index]).toEqual(outcome.status === 'error' ? outcome : NOTHING);
});

test.each(TITLES)('%s: the same outcome over node:http as by fetch, in both captures', (_, index) => {
  expectAsByFetch(byNodeHttp, index, whole[index]);
});
