// Sets a dispatcher where Google's client looks for one: under jest Node's own is in another realm.
import 'undici';
import { GoogleGenAI } from '@google/genai';
import { metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import { withRun } from '../../src/index.js';
import { collectMetrics } from '../support/metrics.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

const OPT_IN = 'OTEL_SEMCONV_STABILITY_OPT_IN';

let recording: Recording;
afterEach(async () => {
  await recording.stop();
  metrics.disable();
  delete process.env[OPT_IN];
});

async function start(version: string): Promise<void> {
  if (version === 'development') process.env[OPT_IN] = 'gen_ai_latest_experimental';
  recording = await startRecording();
}

const openai = () => new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
const json = (body: object): Reply => ({ type: 'json', status: 200, body });
const only = async () => {
  const [run] = await recording.runs();
  return { run: run?.span, step: run?.steps[0]?.span.attributes ?? {} };
};

const RESPONSE = json({
  id: 'resp_2',
  object: 'response',
  status: 'completed',
  model: 'gpt-5-2026',
  service_tier: 'flex',
  output: [
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'Ghent' } },
    {
      type: 'code_interpreter_call',
      id: 'ci_1',
      status: 'completed',
      code: 'print(1)',
      container_id: 'c_1',
      outputs: [{ type: 'logs', logs: '1' }],
    },
    {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Done.', annotations: [] }],
    },
  ],
  usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
});

const COMPLETION = json({
  id: 'chatcmpl-1',
  model: 'gpt-4o-audio',
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 30,
    completion_tokens: 12,
    total_tokens: 42,
    prompt_tokens_details: { audio_tokens: 20, text_tokens: 10, cached_tokens: 0 },
    completion_tokens_details: { audio_tokens: 8, reasoning_tokens: 0 },
  },
});

const UNDER_DEVELOPMENT = {
  'gen_ai.request.previous_response.id': 'resp_1',
  'gen_ai.request.reasoning.level': 'low',
  'gen_ai.conversation.compacted': true,
};

describe.each(['1.41.0', 'development'])('%s', (version) => {
  const isDevelopment = version === 'development';
  const expectOnlyUnderDevelopment = (attributes: Record<string, unknown>, names: object) => {
    if (isDevelopment) expect(attributes).toMatchObject(names);
    else for (const name of Object.keys(names)) expect(attributes).not.toHaveProperty([name]);
  };

  test('a response of OpenAI continues another, reasons, searches and runs code', async () => {
    await start(version);
    recording.provider.reply(RESPONSE);
    await openai().responses.create({
      model: 'gpt-5',
      input: 'Hi',
      previous_response_id: 'resp_1',
      reasoning: { effort: 'low' },
      service_tier: 'flex',
    });
    const { step } = await only();
    expect(step).toMatchObject({
      'openai.api.type': 'responses',
      'openai.request.service_tier': 'flex',
      'openai.response.service_tier': 'flex',
    });
    expectOnlyUnderDevelopment(step, UNDER_DEVELOPMENT);
    const [message] = JSON.parse(String(step['gen_ai.output.messages']));
    expect(message.parts).toEqual([
      { type: 'compaction', id: 'cmp_1' },
      {
        type: 'server_tool_call',
        id: 'ws_1',
        name: 'web_search',
        server_tool_call: { type: 'web_search', action: { type: 'search', query: 'Ghent' } },
      },
      {
        type: 'server_tool_call',
        id: 'ci_1',
        name: 'code_interpreter',
        server_tool_call: { type: 'code_interpreter', code: 'print(1)', container_id: 'c_1' },
      },
      {
        type: 'server_tool_call_response',
        id: 'ci_1',
        server_tool_call_response: { type: 'code_interpreter', outputs: [{ type: 'logs', logs: '1' }] },
      },
      { type: 'text', content: 'Done.' },
    ]);
  });

  test('a chat completion has tokens by modality, on the span and in the counters', async () => {
    await start(version);
    const collected = collectMetrics();
    metrics.setGlobalMeterProvider(collected.provider);
    recording.provider.reply(COMPLETION);
    await openai().chat.completions.create({
      model: 'gpt-4o-audio',
      messages: [{ role: 'user', content: 'Hi' }],
      reasoning_effort: 'minimal',
      service_tier: 'auto',
    });
    const { step } = await only();
    expect(step).toMatchObject({
      'openai.api.type': 'chat_completions',
      'openai.response.service_tier': 'default',
      'openai.response.system_fingerprint': 'fp_1',
    });
    // By the conventions, `auto` is omitted.
    expect(step).not.toHaveProperty(['openai.request.service_tier']);
    expectOnlyUnderDevelopment(step, {
      'gen_ai.request.reasoning.level': 'minimal',
      'gen_ai.usage.text.input_tokens': 10,
      'gen_ai.usage.audio.input_tokens': 20,
      'gen_ai.usage.audio.output_tokens': 8,
    });
    const spent = await collected.points('gen_ai.client.inference.usage.output_tokens');
    expect(spent.map(({ attributes, value }) => [attributes['gen_ai.token.modality'], value])).toEqual(
      isDevelopment
        ? [
            ['audio', 8],
            ['unknown', 4],
          ]
        : [],
    );
  });

  test('Gemini lists modalities, and runs code', async () => {
    await start(version);
    const parts = [
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
    ];
    recording.provider.reply(
      json({
        responseId: 'r',
        modelVersion: 'gemini-3',
        candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 300,
          candidatesTokenCount: 40,
          cachedContentTokenCount: 150,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 100 },
            { modality: 'IMAGE', tokenCount: 200 },
          ],
          candidatesTokensDetails: [
            { modality: 'TEXT', tokenCount: 30 },
            { modality: 'IMAGE', tokenCount: 10 },
          ],
          cacheTokensDetails: [
            { modality: 'TEXT', tokenCount: 40 },
            { modality: 'IMAGE', tokenCount: 60 },
            { modality: 'AUDIO', tokenCount: 50 },
          ],
        },
      }),
    );
    const httpOptions = { baseUrl: recording.provider.url };
    await new GoogleGenAI({ apiKey: 'none', httpOptions }).models.generateContent({
      model: 'gemini-3',
      contents: 'Hi',
      config: { thinkingConfig: { thinkingLevel: 'HIGH' as never } },
    });
    const { step } = await only();
    expectOnlyUnderDevelopment(step, {
      'gen_ai.request.reasoning.level': 'HIGH',
      'gen_ai.usage.text.input_tokens': 100,
      'gen_ai.usage.image.input_tokens': 200,
      'gen_ai.usage.text.output_tokens': 30,
      'gen_ai.usage.image.output_tokens': 10,
      'gen_ai.usage.text.cache_read.input_tokens': 40,
      'gen_ai.usage.image.cache_read.input_tokens': 60,
      'gen_ai.usage.audio.cache_read.input_tokens': 50,
    });
    expect(Object.keys(step).filter((name) => name.startsWith('openai.'))).toEqual([]);
    const [message] = JSON.parse(String(step['gen_ai.output.messages']));
    expect(message.parts.map(({ type }: { type: string }) => type)).toEqual([
      'server_tool_call',
      'server_tool_call_response',
    ]);
  });

  test('a run has the name that the application gives it, and otherwise none', async () => {
    await start(version);
    await withRun({ kind: 'compaction' }, () => {});
    await withRun({}, () => {});
    const [named, nameless] = (await recording.runs()).map(({ span }) => span);
    expect([named?.name, nameless?.name]).toEqual(['invoke_workflow compaction', 'invoke_workflow']);
    const [name, other] = ['gen_ai.workflow.name', 'gen_ai.agent.name'];
    expect(named?.attributes).toMatchObject({ [isDevelopment ? other : name]: 'compaction' });
    expect(named?.attributes).not.toHaveProperty([isDevelopment ? name : other]);
    for (const none of [name, other]) expect(nameless?.attributes).not.toHaveProperty([none]);
    expectOnlyUnderDevelopment(named?.attributes ?? {}, { 'gen_ai.conversation.compacted': true });
    expect(nameless?.attributes).not.toHaveProperty(['gen_ai.conversation.compacted']);
  });
});

test('a failed compaction compacted nothing', async () => {
  await start('development');
  await withRun({ kind: 'compaction' }, async () => {
    throw new Error('it did not work');
  }).catch(() => {});
  expect((await only()).run?.attributes).not.toHaveProperty(['gen_ai.conversation.compacted']);
});
