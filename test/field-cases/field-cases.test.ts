import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { aligned, withGenerated } from '../support/generated-page.js';
import type { Cut, FieldExchange } from './exchange.js';
import { expectAsByFetch, type OverNodeHttp, overNodeHttp } from './node-http.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';

/** An exchange that applications and tools misjudged, and its expected recording. Absent members are not checked. */
interface FieldCase extends FieldExchange {
  readonly id: string;
  readonly title: string;
  readonly expect: {
    readonly seen?: boolean;
    readonly status?: string;
    readonly kind?: string;
    readonly detail?: string;
    readonly errorType?: string;
  };
}

const CASES: readonly FieldCase[] = JSON.parse(
  readFileSync(join(REPOSITORY, 'test/fixtures/field-cases.json'), 'utf8'),
);
const CUTS: readonly [name: string, cut: Cut][] = [
  ['whole', 'whole'],
  ['byte by byte', 'bytes'],
  ['at random', { random: Number(process.env['CHATDEBUG_TEST_SEED']) || 1 }],
];

/** By capture, cut and case. */
const outcomes = new Map<string, readonly Outcome[]>();
let byNodeHttp: OverNodeHttp;

beforeAll(async () => {
  for (const capture of ['errors', 'full'] as const)
    for (const [name, cut] of CUTS) outcomes.set(`${capture} ${name}`, await outcomesOf(CASES, capture, cut));
  byNodeHttp = await overNodeHttp(CASES);
});

describe.each(CASES.map((fieldCase, index) => [fieldCase.id, fieldCase, index] as const))(
  '%s',
  (_, { title, expect: expected }, index) => {
    const at = (capture: string, cut: string) => outcomes.get(`${capture} ${cut}`)?.[index];

    test.each(CUTS)(`${title}: cut %s, in full capture`, (cut) => {
      const { seen, detail, ...fields } = expected;
      if (seen === false) expect(at('full', cut)).toEqual(NOTHING);
      else
        expect(at('full', cut)).toMatchObject({
          ...fields,
          ...(detail !== undefined && { detail: expect.stringContaining(detail) }),
        });
    });

    test.each(CUTS)(`${title}: cut %s, the same in errors capture`, (cut) => {
      const full = at('full', 'whole');
      expect(at('full', cut)).toEqual(full);
      expect(at('errors', cut)).toEqual(full?.status === 'error' ? full : NOTHING);
    });

    test(`${title}: the same outcome over node:http as by fetch, in both captures`, () => {
      expectAsByFetch(byNodeHttp, index, at('full', 'whole'));
    });
  },
);

test('the documentation page is up to date (UPDATE_DOCS=1 writes it)', () => {
  const rows = CASES.map(({ title, request, response }, index) => {
    const { status, kind, errorType } = outcomes.get('full whole')?.[index] ?? NOTHING;
    const outcome =
      status === 'nothing' ? 'not recorded' : kind === undefined ? status : `${status} (\`${kind}\`)`;
    const path = request.path.replace(/\?.*/, '');
    return [
      title,
      `\`${path}\``,
      String(response.status),
      outcome,
      errorType === undefined ? '' : `\`${errorType}\``,
    ];
  });
  const table = aligned([['Response', 'Request', 'Status code', 'Outcome', '`error.type`'], ...rows]);
  const file = join(REPOSITORY, 'docs', 'outcomes.md');
  const page = readFileSync(file, 'utf8');
  const made = withGenerated(page, 'field cases', table.join('\n'));
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, made);
  else expect(page).toBe(made);
});
