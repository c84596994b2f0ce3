import { inspect } from 'node:util';
import { jaegerRuns, type KeptRuns, type QueryOptions, tempoRuns } from '../../src/query/index.js';
import { startRefusingPort } from '../support/loopback.js';
import type { Reply } from '../support/provider.js';
import { json, type ScriptedBackend, startBackend } from './backend.js';

const BACKENDS: Record<string, (options: QueryOptions) => KeptRuns> = {
  Jaeger: (options) => jaegerRuns({ service: 'chat', ...options }),
  Tempo: tempoRuns,
};

let backend: ScriptedBackend;
beforeEach(async () => {
  backend = await startBackend();
});
afterEach(() => backend.close());

const ANSWERS: Record<string, [Reply, RegExp]> = {
  '500 with a text': [
    { type: 'text', status: 500, body: 'storage\n is down' },
    / returned 500: storage is down$/,
  ],
  '401 with a long page': [
    { type: 'text', status: 401, body: '<p>'.repeat(9_999) },
    / returned 401: (<p>){66}<p…$/,
  ],
  'a page': [
    { type: 'text', body: '<!DOCTYPE html><title>Jaeger</title>' },
    / returned no JSON: <!DOCTYPE html>/,
  ],
  'an empty body': [{ type: 'text', body: '' }, / returned no JSON: $/],
  'JSON that ends early': [{ type: 'text', body: '{"data":[{' }, / returned no JSON: {"data":\[{$/],
  'a list': [json([]), / returned no JSON object: \[\]$/],
  null: [json(null), / returned no JSON object: null$/],
  'another object': [
    json({ status: 'ok' }),
    / returned no (traces|search result): is this its query endpoint\?$/,
  ],
  'a connection that breaks': [{ type: 'cut', when: 'in-body' }, /^Request to .* failed: /],
};

describe.each(Object.entries(BACKENDS))('%s', (name, open) => {
  test.each(Object.entries(ANSWERS))('%s is an error that names it', async (_, [reply, message]) => {
    backend.answer(reply);
    const runs = open({ endpoint: backend.url });
    for (const asked of [runs.has('c'), runs.list('c'), runs.get('r')]) {
      const error = await asked.then(String, (reason) => reason);
      expect(error).toMatchObject({ name: 'KeptRunsError', message: expect.stringMatching(message) });
      expect(error.message).toContain(name);
    }
  });

  test.each(['before-headers', 'in-body'] as const)('one that hangs %s is aborted', async (when) => {
    backend.answer({ type: 'hang', when });
    const runs = open({ endpoint: backend.url, timeoutMillis: 100 });
    await expect(runs.has('c')).rejects.toMatchObject({
      name: 'KeptRunsError',
      message: `${name} at ${backend.url} did not respond within 100 ms`,
    });
  });

  test('an unreachable backend is an error with its cause', async () => {
    const { url, release } = await startRefusingPort();
    await expect(open({ endpoint: url }).has('c')).rejects.toMatchObject({
      message: `Request to ${name} at ${url} failed: ECONNREFUSED`,
      cause: expect.anything(),
    });
    await release();
  });

  test('an error contains none of the sent headers', async () => {
    backend.answer({ type: 'text', status: 403, body: 'no' });
    const headers = { authorization: 'Bearer open-sesame', 'x-scope-orgid': 'team' };
    const error = await open({ endpoint: backend.url, headers })
      .has('c')
      .catch((reason) => reason);
    expect(backend.asked()).toMatchObject([{ headers }]);
    expect(inspect(error)).not.toContain('sesame');
  });

  test.each(['', 'jaeger:16686', 'ftp://host', 'http://user:secret@host'])('no endpoint: %j', (endpoint) => {
    expect(() => open({ endpoint })).toThrow(TypeError);
    expect(() => open({ endpoint })).not.toThrow('secret');
  });

  test.each([0, -1, 1.5, 1_001, Number.NaN])('rejects the limit %d', async (limit) => {
    await expect(open({ endpoint: backend.url }).list('c', { limit })).rejects.toThrow(RangeError);
  });

  test('rejects an invalid date', async () => {
    const since = new Date('yesterday');
    await expect(open({ endpoint: backend.url }).list('c', { since })).rejects.toThrow(RangeError);
  });

  test('an endpoint below a path', async () => {
    backend.answer(json({ data: [], traces: [] }));
    await open({ endpoint: `${backend.url}/tools/` }).has('c');
    expect(backend.asked()).toMatchObject([{ path: expect.stringMatching(/^\/tools\/api\//) }]);
  });
});
