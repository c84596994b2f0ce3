import type { ReceivedSpan } from '../support/otlp-receiver.js';
import type { Cell } from './cell.js';
import { openai } from './clients.js';
import { problems, type Trial } from './judge.js';
import { PACKAGE } from './program.js';

const CELL: Cell = {
  project: 'clients',
  client: openai(6),
  form: 'import',
  load: '--import',
  runner: 'node',
  host: 'process',
};

const NOTHING: Trial = {
  code: 0,
  stdout: '',
  stderr: '',
  asked: [],
  chatRuns: [],
  application: [],
  reports: [],
  endpoint: 'http://127.0.0.1:1',
};

const OURS: ReceivedSpan = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: undefined,
  name: 'invoke_workflow',
  kind: 1,
  startTimeUnixNano: 1n,
  endTimeUnixNano: 2n,
  attributes: {},
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  status: { code: 0 },
  links: [],
  resource: {},
  scope: { name: PACKAGE, version: undefined },
};

test.each<[what: string, cell: Partial<Cell>, trial: Partial<Trial>, problem: string]>([
  ['an application that fails', {}, { code: 1, stderr: 'Oh' }, 'exit code 1: Oh'],
  ['missing runs', {}, {}, 'received [], expected [{"chatId":"failing"'],
  ['a span at the wrong endpoint', {}, { application: [OURS] }, '1 spans of ours at the wrong endpoint'],
  [
    'a span outside of the pipeline of the application',
    { beside: 'pipeline-app' },
    { chatRuns: [OURS] },
    '1 spans of ours at the wrong endpoint',
  ],
  ['no span of the application', { beside: 'opentelemetry' }, {}, '0 spans of the application, expected 4'],
  [
    'a warning',
    {},
    { stderr: '(node:1) [CHATDEBUG] ChatDebugWarning: Ignored the second start' },
    'unexpected warning',
  ],
  ['no warning on Bun', { runner: 'bun' }, {}, 'no warning at start-up'],
])('%s is a problem', (_, cell, trial, problem) => {
  const found = problems({ ...CELL, ...cell }, { ...NOTHING, ...trial });
  expect(found.find((words) => words.startsWith(problem))).toBeDefined();
});
