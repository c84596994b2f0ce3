import { join } from 'node:path';
import * as semconv from '../../src/semconv.js';
import { runNode } from '../support/child.js';
import { registryOf, type Version } from '../support/conventions/registry.js';
import { runs } from '../support/property.js';
import type { Left } from './program.js';

/** Caused by no outcome: a loss, and tokens that a provider wrote to its cache. */
const NOT_PLAYED: readonly string[] = [
  semconv.METRIC_CHATDEBUG_DELIVERY_LOST,
  semconv.METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS,
];
const METRICS = Object.entries(semconv).flatMap(([constant, name]) =>
  constant.startsWith('METRIC_') && !NOT_PLAYED.includes(name) ? [name] : [],
);
const VERSIONS: readonly Version[] = ['1.41.0', 'development'];

const CLIENTS = runs(1, 0) === 1 ? 'all' : 'some';

let left: readonly Left[] = [];
beforeAll(async () => {
  const ended = await runNode([join('test', 'conventions', 'program.ts'), CLIENTS], {
    nodeOptions: ['--import', 'tsx'],
  });
  if (ended.code !== 0) throw new Error(`the outcomes could not be played: ${ended.stderr}`);
  left = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
});

test.each(VERSIONS)('%s: spans, events and metrics of all outcomes agree with the registry', (version) => {
  const found = left.filter((one) => one.version === version);
  expect(found.map(({ capture, problems }) => [capture, problems])).toEqual([
    ['full', []],
    ['errors', []],
  ]);
  expect(found.filter(({ spans }) => spans < 200)).toEqual([]);
});

test.each(VERSIONS)('%s: each metric of this package arrives, and none of another version', (version) => {
  const found = left.filter((one) => one.version === version).flatMap(({ metrics }) => metrics);
  const stated = METRICS.filter((name) => name in registryOf(version).metrics);
  expect([...new Set(found)].sort()).toEqual(stated.sort());
});

test.each(VERSIONS)('%s: attributes of failures and of content were present', (version) => {
  const [full, errors] = left.filter((one) => one.version === version);
  const failure = ['error.type', 'exception.message', 'exception.stacktrace', 'chatdebug.error.fingerprint'];
  expect(full?.attributes).toEqual(
    expect.arrayContaining([
      ...failure,
      'gen_ai.input.messages',
      'http.request.header.content-type',
      'url.full',
    ]),
  );
  expect(errors?.attributes).toEqual(expect.arrayContaining([...failure, 'http.request.resend_count']));
});
