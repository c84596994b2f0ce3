import type { Cut } from './exchange.js';
import { FORMAT_VARIANTS } from './format-variants.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';
import { VARIANTS as GENERAL } from './variants.js';

const VARIANTS = [...GENERAL, ...FORMAT_VARIANTS];
const CUTS: readonly Cut[] = ['whole', { random: Number(process.env['CHATDEBUG_TEST_SEED']) || 1 }];
let full: readonly (readonly Outcome[])[] = [];
let errors: readonly (readonly Outcome[])[] = [];

beforeAll(async () => {
  full = [
    await outcomesOf(VARIANTS, 'full', CUTS[0] ?? 'whole'),
    await outcomesOf(VARIANTS, 'full', CUTS[1] ?? 'whole'),
  ];
  errors = [
    await outcomesOf(VARIANTS, 'errors', CUTS[0] ?? 'whole'),
    await outcomesOf(VARIANTS, 'errors', CUTS[1] ?? 'whole'),
  ];
}, 120_000);

test.each(VARIANTS.map(({ title, expected }, index) => [title, expected, index] as const))(
  '%s',
  (_, { detail, ...expected }, index) => {
    const [whole = NOTHING, cut] = full.map((outcomes) => outcomes[index]);
    expect(whole).toMatchObject({ ...expected, ...(detail && { detail: expect.stringContaining(detail) }) });
    expect(cut).toEqual(whole);
    const kept = whole.status === 'error' ? whole : NOTHING;
    expect(errors.map((outcomes) => outcomes[index])).toEqual([kept, kept]);
  },
);
