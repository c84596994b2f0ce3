import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, runNode } from '../support/child.js';
import type { CallSeen, Mode, ModeSeen } from './main.js';
import { withOutcomes } from './page.js';
import { prepareProcessEnd } from './process-end.js';
import { type Scenario, type ScenarioSet, SETS } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

// In a separate process: under jest an error of fetch is of another realm, and the clients treat it differently.
const PROGRAM = join('test', 'outcomes', 'main.ts');
const PAGE = join(REPOSITORY, 'docs', 'outcomes.md');

let calls: readonly CallSeen[] = [];
let modes: readonly ModeSeen[] = [];
let atProcessEnd: readonly RecordedCall[] = [];

type RecordedCall = Pick<CallSeen, 'client' | 'operation' | 'recorded'>;

beforeAll(async () => {
  const processEnd = await prepareProcessEnd();
  const ended = await runNode([PROGRAM, ...processEnd.urls], {
    nodeOptions: ['--import', 'tsx'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: processEnd.endpoint },
  });
  if (ended.code !== 0) throw new Error(`the clients could not be run: ${ended.stderr}`);
  atProcessEnd = processEnd
    .recorded()
    .map(([client, recorded]) => ({ client, operation: 'stream', recorded }));
  await processEnd.close();
  const lines: readonly (CallSeen | ModeSeen)[] = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  calls = lines.filter(isCall);
  modes = lines.filter((line): line is ModeSeen => !isCall(line));
});

function isCall(line: CallSeen | ModeSeen): line is CallSeen {
  return 'scenario' in line;
}

function callsOf(mode: Mode, { name }: Scenario): readonly CallSeen[] {
  const found = calls.filter((call) => call.mode === mode && call.scenario === name);
  expect(found).not.toHaveLength(0);
  return found;
}

const outcomes = (found: readonly RecordedCall[]) =>
  found.map(({ client, operation, recorded }) => [client, operation, recorded.outcome]);

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  const { expected, keptInErrors = expected.startsWith('error generic') } = scenario;

  test('is one run with one step, for every client', () => {
    const found = callsOf('full', scenario);
    expect(outcomes(found)).toEqual(found.map(({ client, operation }) => [client, operation, expected]));
  });

  test('is kept in errors mode, or leaves nothing', () => {
    const found = callsOf('errors', scenario);
    const outcome = keptInErrors ? expected : 'nothing';
    expect(outcomes(found)).toEqual(found.map(({ client, operation }) => [client, operation, outcome]));
  });

  test('has the same verdict in errors mode, regardless of keepKinds', () => {
    const found = callsOf('all kinds', scenario);
    const full = callsOf('full', scenario).map(({ recorded: { outcome, error } }) =>
      outcome.startsWith('error') ? [outcome, error] : ['nothing', []],
    );
    expect(
      found.map(({ recorded: { outcome, error } }) => [outcome, outcome === 'nothing' ? [] : error]),
    ).toEqual(full);
  });

  test('is the same to the application', () => {
    const seen = (mode: Mode) =>
      callsOf(mode, scenario).map(({ client, operation, seen }) => [client, operation, seen]);
    expect(seen('full')).toEqual(seen('bare'));
    expect(seen('errors')).toEqual(seen('bare'));
    expect(seen('all kinds')).toEqual(seen('bare'));
  });
});

const PROCESS_END = 'the process exits during the body';

test(PROCESS_END, () => {
  expect(outcomes(atProcessEnd)).toEqual(
    atProcessEnd.map(({ client }) => [client, 'stream', 'interrupted: 200 interrupted']),
  );
  expect(atProcessEnd.flatMap(({ recorded }) => recorded.complaints)).toEqual([]);
});

test('times, numbers, provider, model and operation are right in all of them', () => {
  const wrong = calls.filter(({ recorded }) => recorded.complaints.length > 0);
  expect(
    wrong.map(({ mode, scenario, client, recorded }) => [mode, scenario, client, recorded.complaints]),
  ).toEqual([]);
});

test('a completed call has its usage', () => {
  const ended = calls.filter(
    ({ mode, recorded }) => mode === 'full' && recorded.outcome.startsWith('completed'),
  );
  expect(ended.map(({ recorded }) => recorded.usage)).toEqual(
    ended.map(() => expect.objectContaining({ inputTokens: 20, outputTokens: 10 })),
  );
});

test('nothing stays live, no rejection is unhandled, and errors mode contains nothing of the question', () => {
  expect(modes.map(({ liveRuns, unhandled }) => [liveRuns, unhandled])).toEqual(modes.map(() => [0, []]));
  expect(modes.map(({ mode, tellsPrompt }) => mode === 'full' || !tellsPrompt)).toEqual(
    modes.map(() => true),
  );
});

describe.each(Object.keys(SETS) as ScenarioSet[])('%s', (set) => {
  const errorTypes = (mode: Mode) => modes.find((seen) => seen.mode === mode && seen.set === set)?.errorTypes;

  test('each step counts in the metric with the error.type of its span', () => {
    expect(errorTypes('full')?.metric).toEqual(errorTypes('full')?.spans);
  });

  test('errors mode counts as full capture does', () => {
    expect(errorTypes('errors')?.metric).toEqual(errorTypes('full')?.metric);
    expect(errorTypes('all kinds')?.metric).toEqual(errorTypes('full')?.metric);
  });
});

test('the documentation page is up to date (UPDATE_DOCS=1 writes it)', () => {
  const page = readFileSync(PAGE, 'utf8');
  const made = withOutcomes(page, [
    ...calls,
    ...atProcessEnd.map((call) => ({ mode: 'full', scenario: PROCESS_END, ...call }) as const),
  ]);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, made);
  else expect(page).toBe(made);
});
