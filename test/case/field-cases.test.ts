import { runNode } from '../support/child.js';

// In a separate process, since under jest an error of fetch is of another realm.
test('each field case is a valid case, and its replay is recorded as expected', async () => {
  const { stdout, stderr } = await runNode(['test/case/field-cases.ts'], {
    nodeOptions: ['--import', 'tsx'],
  });
  expect(stderr).toBe('');
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(found.length).toBeGreaterThan(50);
  expect(found).toEqual(found.map(([id]) => [id, '']));
});
