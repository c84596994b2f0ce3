import { type Attributes, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { ErrorKindSampler, type ErrorKindSamplerOptions } from '../../src/index.js';

const TRACE_ID = 'd4cda95b652f4a1592b449d5929fda1b';
const NONE = undefined;

type Parent = 'sampled' | 'unsampled' | 'remote sampled' | 'remote unsampled' | undefined;

function parentContext(parent: Parent) {
  if (parent === undefined) return ROOT_CONTEXT;
  const traceFlags = parent.endsWith('unsampled') ? TraceFlags.NONE : TraceFlags.SAMPLED;
  const isRemote = parent.startsWith('remote');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: '6e0c63257de34c92',
    traceFlags,
    isRemote,
  });
}

function sampled(sampler: Sampler, attributes: Attributes, parent: Parent = undefined): boolean {
  const { decision } = sampler.shouldSample(
    parentContext(parent),
    TRACE_ID,
    'span',
    SpanKind.INTERNAL,
    attributes,
    [],
  );
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

const run = (more: Attributes = {}): Attributes => ({
  'chatdebug.run.id': 'r',
  'chatdebug.capture': 'errors',
  ...more,
});
const step = (more: Attributes = {}): Attributes =>
  run({ 'chatdebug.step.number': 1, 'chatdebug.step.status': 'error', ...more });
const kind = (value: string): Attributes => ({ 'chatdebug.error.kind': value });

const OURS: readonly [
  what: string,
  options: ErrorKindSamplerOptions,
  attributes: Attributes,
  parent: Parent,
  boolean,
][] = [
  ['a run in full capture', {}, run({ 'chatdebug.capture': 'full' }), NONE, true],
  [
    'a step in full capture',
    {},
    step({ 'chatdebug.capture': 'full', 'chatdebug.step.status': 'completed' }),
    NONE,
    true,
  ],
  ['a run without an error', {}, run(), NONE, false],
  ['a run with a kind to keep', {}, run(kind('generic')), NONE, true],
  ['the same below an unsampled parent', {}, run(kind('generic')), 'unsampled', true],
  ['the same below an unsampled remote parent', {}, run(kind('generic')), 'remote unsampled', true],
  ['a run without an error below a sampled parent', {}, run(), 'sampled', false],
  ['a run with another kind', {}, run(kind('rate_limit')), 'sampled', false],
  ['a step with a kind to keep', {}, step(kind('generic')), 'sampled', true],
  [
    'an interrupted step with a kind to keep',
    {},
    step({ ...kind('generic'), 'chatdebug.step.status': 'interrupted' }),
    'sampled',
    false,
  ],
  ['a completed step', {}, step({ 'chatdebug.step.status': 'completed' }), 'sampled', false],
  ['a kind that was chosen', { keepKinds: ['auth', 'timeout'] }, step(kind('timeout')), NONE, true],
  ['a kind that was not', { keepKinds: ['auth', 'timeout'] }, step(kind('generic')), NONE, false],
  [
    'a kind that was chosen by its earlier name',
    { keepKinds: ['startup_timeout'] },
    step(kind('stream_silence_timeout')),
    NONE,
    true,
  ],
  ['no kind at all', { keepKinds: [] }, step(kind('generic')), NONE, false],
  [
    'retain run: a healthy step of a run that is written',
    { retain: 'run' },
    step({ 'chatdebug.step.status': 'completed' }),
    'sampled',
    true,
  ],
  [
    'retain run: a healthy step of a run that is not',
    { retain: 'run' },
    step({ 'chatdebug.step.status': 'completed' }),
    'unsampled',
    false,
  ],
  [
    'retain run: a healthy run inside a written one',
    { retain: 'run' },
    run({ 'chatdebug.run.parent_id': 'o' }),
    'sampled',
    true,
  ],
  ["retain run: a healthy run below the application's span", { retain: 'run' }, run(), 'sampled', false],
  ['decide collector: a healthy run', { decide: 'collector' }, run(), NONE, true],
  [
    'decide collector: a healthy step',
    { decide: 'collector' },
    step({ 'chatdebug.step.status': 'completed' }),
    'unsampled',
    true,
  ],
];

test.each(OURS)('%s', (_, options, attributes, parent, expected) => {
  expect(sampled(new ErrorKindSampler(options, new AlwaysOffSampler()), attributes, parent)).toBe(expected);
  expect(sampled(new ErrorKindSampler(options, new AlwaysOnSampler()), attributes, parent)).toBe(expected);
});

const FOREIGN: readonly [what: string, inner: Sampler | undefined, parent: Parent, boolean][] = [
  ['no inner sampler, root', undefined, NONE, true],
  ['no inner sampler, sampled parent', undefined, 'remote sampled', true],
  ['no inner sampler, unsampled parent', undefined, 'unsampled', false],
  ['always off', new AlwaysOffSampler(), 'sampled', false],
  ['always on', new AlwaysOnSampler(), 'unsampled', true],
  ['a ratio of 0', new TraceIdRatioBasedSampler(0), NONE, false],
  [
    'parent based, unsampled parent',
    new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    'remote unsampled',
    false,
  ],
  ['parent based, root', new ParentBasedSampler({ root: new AlwaysOnSampler() }), NONE, true],
];

test.each(FOREIGN)('a span of another instrumentation, inner: %s', (_, inner, parent, expected) => {
  expect(sampled(new ErrorKindSampler({}, inner), { 'http.request.method': 'GET' }, parent)).toBe(expected);
});

test("the inner sampler's result is returned whole", () => {
  const result = {
    decision: SamplingDecision.RECORD,
    attributes: { 'sampler.rule': 7 },
  };
  const sampler = new ErrorKindSampler({}, { shouldSample: () => result });
  expect(sampler.shouldSample(ROOT_CONTEXT, TRACE_ID, 'span', SpanKind.CLIENT, {}, [])).toBe(result);
});

test('if the inner sampler throws, the span is not recorded', () => {
  const sampler = new ErrorKindSampler(
    {},
    {
      shouldSample: () => {
        throw new Error('broken');
      },
    },
  );
  expect(sampled(sampler, {})).toBe(false);
  expect(sampled(sampler, step(kind('generic')))).toBe(true);
});

test('inside ParentBased it decides for roots, and below remote parents if configured', () => {
  const ours = new ErrorKindSampler();
  const parentBased = new ParentBasedSampler({
    root: ours,
    remoteParentNotSampled: ours,
    localParentNotSampled: ours,
  });
  expect(sampled(parentBased, run(kind('generic')))).toBe(true);
  expect(sampled(parentBased, run(kind('generic')), 'remote unsampled')).toBe(true);
  expect(sampled(parentBased, run(kind('auth')))).toBe(false);
});

test('toString has its whole configuration', () => {
  expect(String(new ErrorKindSampler())).toBe(
    'ErrorKindSampler{keepKinds=generic, retain=failing, decide=process, inner=ParentBased}',
  );
  const options = { keepKinds: ['generic', 'auth'], retain: 'run', decide: 'collector' } as const;
  expect(String(new ErrorKindSampler(options, new TraceIdRatioBasedSampler(0.25)))).toBe(
    'ErrorKindSampler{keepKinds=generic,auth, retain=run, decide=collector, inner=TraceIdRatioBased{0.25}}',
  );
});

test.each([
  [
    { keepKinds: ['generic', 'genric'] },
    'Invalid keepKinds "generic,genric" of ErrorKindSampler: expected a list of overloaded, ',
  ],
  [{ retain: 'all' }, 'Invalid retain "all" of ErrorKindSampler: expected failing or run'],
  [{ decide: 'somebody' }, 'Invalid decide "somebody" of ErrorKindSampler: expected process or collector'],
])('an invalid rule is an error that names it: %j', (options, message) => {
  expect(() => new ErrorKindSampler(options as never)).toThrow(message);
});
