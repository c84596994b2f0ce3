import { runNode } from './support/child.js';

test('own-opentelemetry shows what arrives where, beside and inside', async () => {
  const ended = await runNode(['--import', 'tsx', 'examples/own-opentelemetry/main.ts']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.trim().split('\n')).toEqual([
    "Beside the application's own OpenTelemetry (beside.mjs)",
    "  to the application's endpoint",
    '    POST /chat',
    '    POST /chat',
    '  to the endpoint of chat runs',
    '    chat gpt-4o-mini, below invoke_workflow: generic: The server had an error',
    '    invoke_workflow, below POST /chat: generic: The server had an error',
    'Inside it (inside.mjs)',
    "  to the application's endpoint",
    '    POST /chat',
    '    POST /chat',
    '    chat gpt-4o-mini, below invoke_workflow: generic: The server had an error',
    '    invoke_workflow, below POST /chat: generic: The server had an error',
    '  to the endpoint of chat runs',
    '    nothing',
  ]);
});
