import { chatdebug, type FailedRun, failedRun, scratchFolder } from './support.js';

const files = scratchFolder();
afterAll(files.remove);

let failed: FailedRun;
beforeAll(async () => {
  failed = await failedRun(files);
});

describe('input that cannot become a case', () => {
  const noSteps = () => {
    const traces = failed.otlp();
    for (const { scopeSpans } of traces.resourceSpans)
      for (const scope of scopeSpans)
        scope.spans = scope.spans.filter((span) => !JSON.stringify(span).includes('chatdebug.step.number'));
    return traces;
  };
  const noAttempts = () =>
    JSON.parse(JSON.stringify(failed.otlp()).replaceAll('"chatdebug.attempt"', '"another"'));

  const overWebSocket = () =>
    JSON.parse(
      JSON.stringify(failed.otlp()).replaceAll(
        '{"key":"chatdebug.attempt.number"',
        '{"key":"network.protocol.name","value":{"stringValue":"websocket"}},{"key":"chatdebug.attempt.number"',
      ),
    );

  test.each<[string, () => string[], number, string | RegExp]>([
    [
      'a call over a WebSocket',
      () => [files.write('ws.json', overWebSocket())],
      1,
      /^Step 1 of run \S+ used a WebSocket, which cannot be replayed/,
    ],
    ['no run', () => [], 2, 'Expected one run id or one file with traces'],
    [
      'a file that is not there',
      () => ['gone.json'],
      1,
      'File gone.json not found. For a run id, set where the run is stored: --from jaeger, tempo, viewer, spool or a URL',
    ],
    ['a folder', () => [files.folder], 1, /^Cannot read \S+: EISDIR$/],
    [
      'a file that is cut off',
      () => [files.write('cut.json', failed.bodies[0]?.slice(0, -40))],
      1,
      /^Invalid JSON in \S+cut\.json: unexpected end$/,
    ],
    [
      'a file that is no JSON',
      () => [files.write('text.json', 'hello')],
      1,
      /^Invalid JSON in \S+text\.json$/,
    ],
    [
      'a file of something else',
      () => [files.write('other.json', { a: 1 })],
      1,
      /^No traces in \S+other\.json: expected JSON of Jaeger/,
    ],
    [
      'a file without a run of ours',
      () => [files.write('empty.json', { resourceSpans: [] })],
      1,
      /^No run of this package in \S+empty\.json/,
    ],
    [
      'a run without steps',
      () => [files.write('no-steps.json', noSteps())],
      1,
      /has no steps to replay: it failed outside a model call/,
    ],
    [
      'a step without attempts',
      () => [files.write('no-attempts.json', noAttempts())],
      1,
      /^Step 1 of run \S+ has no HTTP attempt to replay/,
    ],
    ['a step that is not there', () => [failed.file, '--step', '7'], 1, /has no step 7: expected 1$/],
    ['a run that is not there', () => [failed.file, '--run', 'other'], 1, /Run other not found in/],
    [
      'a bad step',
      () => [failed.file, '--step', 'first'],
      2,
      'Invalid --step "first": expected the number of a step, from 1',
    ],
    [
      'a bad place',
      () => ['x', '--from', 'elsewhere'],
      2,
      'Invalid --from "elsewhere": expected jaeger, tempo, viewer, spool or an http URL',
    ],
    ['a spool without a directory', () => ['x', '--from', 'spool'], 1, /^--from spool requires a directory/],
    [
      'a spool that is not there',
      () => ['x', '--from', 'spool', '--url', '/nowhere'],
      1,
      'Cannot read the spool /nowhere: ENOENT',
    ],
    [
      'a Jaeger that is not there',
      () => ['x', '--from', 'jaeger', '--url', 'http://127.0.0.1:9'],
      1,
      /Request to Jaeger at http:\/\/127\.0\.0\.1:9 failed/,
    ],
    [
      'a viewer that is not there',
      () => ['x', '--from', 'viewer', '--url', 'http://127.0.0.1:9'],
      1,
      /^Request to http:\/\/127\.0\.0\.1:9\/export\?run=x failed: /,
    ],
    ['an invalid URL', () => ['x', '--from', 'http://['], 1, 'Invalid URL "http://["'],
    ['an unknown option', () => ['x', '--odd'], 2, "Unknown option '--odd'"],
  ])('%s', async (_, args, code, message) => {
    const ended = await chatdebug(['case', ...args()]);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr.split('\n')[0]).toMatch(message);
    expect(ended.stderr.includes('\n\nUsage: npx ')).toBe(code === 2);
  });
});
