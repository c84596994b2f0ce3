import type { Cut } from './exchange.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';
import { POLLED_VARIANTS } from './polled-variants.js';
import { VARIANTS } from './variants.js';

const ALL = [...VARIANTS, ...POLLED_VARIANTS];
const CUTS: readonly Cut[] = ['whole', { random: Number(process.env['CHATDEBUG_TEST_SEED']) || 1 }];
let full: readonly (readonly Outcome[])[] = [];
let errors: readonly (readonly Outcome[])[] = [];

beforeAll(async () => {
  full = [
    await outcomesOf(ALL, 'full', CUTS[0] ?? 'whole'),
    await outcomesOf(ALL, 'full', CUTS[1] ?? 'whole'),
  ];
  errors = [
    await outcomesOf(ALL, 'errors', CUTS[0] ?? 'whole'),
    await outcomesOf(ALL, 'errors', CUTS[1] ?? 'whole'),
  ];
});

test.each(ALL.map(({ title, expected }, index) => [title, expected, index] as const))(
  '%s',
  (_, { detail, ...expected }, index) => {
    const [whole = NOTHING, cut] = full.map((outcomes) => outcomes[index]);
    expect(whole).toMatchObject({ ...expected, ...(detail && { detail: expect.stringContaining(detail) }) });
    expect(cut).toEqual(whole);
    const kept = whole.status === 'error' ? whole : NOTHING;
    expect(errors.map((outcomes) => outcomes[index])).toEqual([kept, kept]);
  },
);
