import { geminiGenerateContent, geminiInteractions } from '../../src/wire/recognition/gemini.js';
import { openAiResponses } from '../../src/wire/recognition/openai.js';

const ofOpenAi = (...output: readonly object[]) => openAiResponses.readResponse({ output }).output[0]?.parts;
const ofGemini = (...parts: readonly object[]) =>
  geminiGenerateContent.readResponse({ candidates: [{ content: { role: 'model', parts } }] }).output[0]
    ?.parts;
const ofInteractions = (...steps: readonly object[]) =>
  geminiInteractions.readResponse({ id: 'i', status: 'completed', steps }).output[0]?.parts;

const call = (id: string | undefined, name: string, details: object) => ({
  type: 'server_tool_call',
  ...(id && { id }),
  name,
  server_tool_call: details,
});
const response = (id: string | undefined, details: object) => ({
  type: 'server_tool_call_response',
  ...(id && { id }),
  server_tool_call_response: details,
});

const IMAGE = Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 7919) % 251)).toString(
  'base64',
);

test("OpenAI's tools: arguments and result of each", () => {
  expect(
    ofOpenAi(
      { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } },
      {
        type: 'file_search_call',
        id: 'fs',
        status: 'completed',
        queries: ['q'],
        results: [{ file_id: 'f', text: 'found', score: 0.5 }],
      },
      {
        type: 'code_interpreter_call',
        id: 'ci',
        status: 'completed',
        code: 'print(1)',
        container_id: 'c',
        outputs: [
          { type: 'logs', logs: '1' },
          { type: 'image', url: `data:image/png;base64,${IMAGE}` },
        ],
      },
      { type: 'image_generation_call', id: 'ig', status: 'completed', size: '1x1', result: IMAGE },
      {
        type: 'mcp_call',
        id: 'mcp',
        name: 'list',
        server_label: 'tickets',
        arguments: '{"open":true}',
        output: 'none',
        error: null,
      },
      { type: 'code_interpreter_call', id: 'open', code: null, container_id: 'c', outputs: null },
    ),
  ).toEqual([
    call('ws', 'web_search', { type: 'web_search', action: { type: 'search', query: 'q' } }),
    call('fs', 'file_search', { type: 'file_search', queries: ['q'] }),
    response('fs', { type: 'file_search', results: [{ file_id: 'f', text: 'found', score: 0.5 }] }),
    call('ci', 'code_interpreter', { type: 'code_interpreter', code: 'print(1)', container_id: 'c' }),
    response('ci', {
      type: 'code_interpreter',
      outputs: [
        { type: 'logs', logs: '1' },
        { type: 'image', url: '[image/png, 2000 bytes]' },
      ],
    }),
    call('ig', 'image_generation', { type: 'image_generation', size: '1x1' }),
    call('mcp', 'list', { type: 'mcp', server_label: 'tickets', arguments: { open: true } }),
    response('mcp', { type: 'mcp', output: 'none' }),
    call('open', 'code_interpreter', { type: 'code_interpreter', container_id: 'c' }),
  ]);
});

test("Gemini's code execution, and tools named by the type of their part", () => {
  expect(
    ofGemini(
      { executableCode: { language: 'PYTHON', code: 'print(1)', id: 'e' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1', id: 'e' } },
      {
        toolCall: { toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['q'] }, id: 't' },
        thoughtSignature: 's',
      },
      { toolResponse: { toolType: 'GOOGLE_SEARCH_WEB', response: { hits: 1 }, id: 't' } },
    ),
  ).toEqual([
    call('e', 'code_execution', { type: 'code_execution', language: 'PYTHON', code: 'print(1)' }),
    response('e', { type: 'code_execution', outcome: 'OUTCOME_OK', output: '1' }),
    call('t', 'google_search_web', { type: 'google_search_web', args: { queries: ['q'] } }),
    response('t', { type: 'google_search_web', response: { hits: 1 } }),
  ]);
});

test('tools of an interaction, while functions of the application stay tool calls', () => {
  expect(
    ofInteractions(
      { type: 'google_search_call', id: 's', arguments: { queries: ['q'] } },
      { type: 'google_search_result', call_id: 's', result: [{ title: 'T' }] },
      { type: 'mcp_server_tool_call', id: 'm', name: 'list', server_name: 'tickets', arguments: {} },
      { type: 'mcp_server_tool_result', call_id: 'm', result: 'refused', is_error: true },
      { type: 'function_call', id: 'f', name: 'now', arguments: { zone: 'UTC' } },
    ),
  ).toEqual([
    call('s', 'google_search', { type: 'google_search', arguments: { queries: ['q'] } }),
    response('s', { type: 'google_search', result: [{ title: 'T' }] }),
    call('m', 'list', { type: 'mcp_server_tool', server_name: 'tickets', arguments: {} }),
    response('m', { type: 'mcp_server_tool', result: 'refused', is_error: true }),
    { type: 'tool_call', id: 'f', name: 'now', arguments: { zone: 'UTC' } },
  ]);
});

test('a long result is bounded, and contains no file data', () => {
  const [, result] =
    ofOpenAi({ type: 'mcp_call', id: 'm', name: 'read', server_label: 's', output: 'word '.repeat(9_999) }) ??
    [];
  expect(result).toMatchObject(response('m', { type: 'mcp', output: { type: 'text', full_length: 49_995 } }));
  expect(JSON.stringify(result).length).toBeLessThan(11_000);
});

test('an unidentifiable tool is not recorded', () => {
  expect(ofOpenAi({ type: 'computer_call', id: 'c', call_id: 'x', action: {} })).toMatchObject([
    { type: 'computer_call', size: expect.any(Number) },
  ]);
  expect(ofGemini({ toolCall: {} }, { executableCode: 3 })).toMatchObject([
    call(undefined, 'unknown', { type: 'unknown' }),
    { type: 'executableCode' },
  ]);
});
