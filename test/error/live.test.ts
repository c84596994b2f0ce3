import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Classification } from '../../src/error/index.js';
import type { Answer, Expected } from '../fixtures/errors/answer.js';
import { REPOSITORY, runNode } from '../support/child.js';
import { SECTIONS } from './live/answers.js';
import type { ClientName } from './live/clients.js';
import { FAULTS } from './live/faults.js';
import type { Observation } from './live/main.js';
import { outcomeOf, PAGES, withLearned } from './live/page.js';

// In a separate process: under jest an error of fetch is of another realm, and the clients treat it differently.
const PROGRAM = join('test', 'error', 'live', 'main.ts');

let observations: readonly Observation[] = [];

beforeAll(async () => {
  const ended = await runNode([PROGRAM], { nodeOptions: ['--import', 'tsx'] });
  if (ended.code !== 0) throw new Error(`the clients could not be run: ${ended.stderr}`);
  observations = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
});

function observed(section: string | undefined, name: string): readonly Observation[] {
  const found = observations.filter((one) => one.section === section && one.name === name);
  expect(found).not.toHaveLength(0);
  return found;
}

describe('transport errors and aborts', () => {
  test.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', (name, { expected, unlike = {} }) => {
    const found = observed(undefined, name);
    const outcomes = found.map((one) => [one.client, outcomeOf(one)]);
    expect(outcomes).toEqual(found.map(({ client }) => [client, unlike[client] ?? expected]));
  });
});

describe.each(SECTIONS.map((section) => [section.title, section] as const))('%s', (title, { answers }) => {
  test.each(answers.map((answer) => [answer.name, answer] as const))('%s', (name, answer) => {
    const found = observed(title, name);
    expect(found.map(({ client, observed: it }) => [client, relevant(it?.classification)])).toEqual(
      found.map(({ client }) => [client, expectedOf(answer, client)]),
    );
  });
});

test('no text contains the key that a provider quoted', () => {
  expect(JSON.stringify(observations)).not.toContain('sk-test0123456789abcdef');
});

test.each([...PAGES.keys()])('docs/%s is up to date (UPDATE_DOCS=1 writes it)', (name) => {
  const path = join(REPOSITORY, 'docs', name);
  const page = readFileSync(path, 'utf8');
  const generated = withLearned(page, PAGES.get(name) ?? [], observations);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, generated);
  else expect(page).toBe(generated);
});

test('each section is on one of the pages', () => {
  expect([...PAGES.values()].flat()).toEqual([undefined, ...SECTIONS.map(({ title }) => title)]);
});

type Relevant = Expected & Pick<Classification, 'statusCode' | 'chainBroken' | 'retryAfterMillis'>;

function relevant(classification: Relevant | undefined): Relevant | 'no error' {
  if (classification === undefined) return 'no error';
  const { kind, retryable, errorType, statusCode, chainBroken, retryAfterMillis } = classification;
  return { kind, retryable, errorType, statusCode, chainBroken, retryAfterMillis };
}

function expectedOf(answer: Answer, client: ClientName): Relevant | 'no error' {
  const own = answer.unlike?.[client];
  if (own === 'no error') return own;
  const { kind, retryable, errorType, status, chainBroken = false, retryAfterMillis } = answer;
  // In a stream the body determines it.
  const statusCode = status === 200 ? answer.statusCode : status;
  return { kind, retryable, errorType, statusCode, chainBroken, retryAfterMillis, ...own };
}
