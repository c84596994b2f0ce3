import { metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import { collectMetrics } from '../support/metrics.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

const OPT_IN = 'OTEL_SEMCONV_STABILITY_OPT_IN';
const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

let recording: Recording;
afterEach(async () => {
  await recording.stop();
  metrics.disable();
  delete process.env[OPT_IN];
});

/** The data of a healthy call and of a cut stream, in full capture and with a meter provider. */
async function recorded(optIn: string | undefined) {
  if (optIn !== undefined) process.env[OPT_IN] = optIn;
  const collected = collectMetrics();
  metrics.setGlobalMeterProvider(collected.provider);
  recording = await startRecording({ chunkMetrics: true });
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
  const request = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };
  const stream = async () => {
    for await (const _ of await openai.chat.completions.create({ ...request, stream: true }));
  };
  recording.provider.reply(
    completion('Hello.', { usage: USAGE }),
    completionStream('Hello.', { delayMillis: 10 }),
    completionStream('Hello you', { cutAfter: 2 }),
  );
  await openai.chat.completions.create(request);
  await stream();
  await stream().catch(() => {});
  const runs = await recording.runs();
  const steps = runs.map((run) => run.steps[0]?.span.attributes ?? {});
  const bodies = recording.receiver.bodies.map((body) => JSON.parse(body.toString()));
  return {
    healthy: steps[0] ?? {},
    cut: steps[2] ?? {},
    scopes: bodies.flatMap(({ resourceSpans }) => resourceSpans).flatMap(({ scopeSpans }) => scopeSpans),
    collected,
    units: await collected.units(),
  };
}

const finishReasonOf = (step: Record<string, unknown>) =>
  JSON.parse(String(step['gen_ai.output.messages'])).map(
    ({ finish_reason }: { finish_reason?: string }) => finish_reason,
  );

const call = () => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'm',
  'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
  'server.address': '127.0.0.1',
  'server.port': Number(new URL(recording.provider.url).port),
});

test.each([undefined, '', 'http,database/dup', 'gen_ai_latest'])(
  'with %j the names are those of version 1.41.0',
  async (optIn) => {
    const { healthy, cut, scopes, collected, units } = await recorded(optIn);
    expect(new Set(scopes.map(({ schemaUrl }) => schemaUrl))).toEqual(
      new Set(['https://opentelemetry.io/schemas/1.41.0']),
    );
    expect(healthy).toMatchObject({
      'gen_ai.usage.cache_read.input_tokens': 5,
      'gen_ai.usage.cache_creation.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['stop'],
    });
    expect(healthy).not.toHaveProperty(['gen_ai.usage.cache_write.input_tokens']);
    expect(finishReasonOf(healthy)).toEqual(['stop']);
    expect(cut).not.toHaveProperty(['gen_ai.response.finish_reasons']);
    expect(units).toMatchObject({
      'gen_ai.client.operation.duration': 's',
      'gen_ai.client.operation.time_to_first_chunk': 's',
      'gen_ai.client.operation.time_per_output_chunk': 's',
      'gen_ai.client.token.usage': '{token}',
    });
    expect(Object.keys(units).filter((name) => name.startsWith('gen_ai.client.inference'))).toEqual([]);
    expect(await collected.count('gen_ai.client.operation.duration', call())).toBe(3);
    expect(await collected.count('gen_ai.client.token.usage', { 'gen_ai.token.type': 'input' })).toBe(2);
  },
);

test.each(['gen_ai_latest_experimental', ' http , gen_ai_latest_experimental '])(
  'with %j the names are those under development',
  async (optIn) => {
    const { healthy, cut, scopes, collected, units } = await recorded(optIn);
    expect(scopes.filter(({ schemaUrl }) => schemaUrl)).toEqual([]);
    expect(healthy).toMatchObject({
      'gen_ai.usage.cache_read.input_tokens': 5,
      'gen_ai.usage.cache_write.input_tokens': 3,
      'gen_ai.usage.reasoning.output_tokens': 4,
      'gen_ai.response.finish_reasons': ['stop'],
    });
    expect(healthy).not.toHaveProperty(['gen_ai.usage.cache_creation.input_tokens']);
    expect(finishReasonOf(healthy)).toEqual([undefined]);
    expect(cut['gen_ai.response.finish_reasons']).toEqual(['error']);
    expect(units).toMatchObject({
      'gen_ai.client.inference.duration': 's',
      'gen_ai.client.inference.time_to_first_chunk': 's',
      'gen_ai.client.inference.time_per_output_chunk': 's',
    });
    expect(Object.keys(units).filter((name) => /client\.(operation|token)\./.test(name))).toEqual([]);
    const spent = async (name: string) =>
      (await collected.points(`gen_ai.client.inference.usage.${name}`)).map(({ attributes, value }) => [
        value,
        attributes,
      ]);
    const counted = { ...call(), 'gen_ai.token.modality': 'unknown' };
    expect(await spent('input_tokens')).toEqual([[40, counted]]);
    expect(await spent('output_tokens')).toEqual([[20, counted]]);
    expect(await spent('cache_read.input_tokens')).toEqual([[5, counted]]);
    expect(await spent('cache_write.input_tokens')).toEqual([[3, counted]]);
    expect(await spent('reasoning.output_tokens')).toEqual([[4, counted]]);
    for (const name of ['input_tokens', 'output_tokens'])
      expect(await collected.count(`gen_ai.client.inference.operation.${name}`, call())).toBe(2);
    expect(await collected.count('gen_ai.client.inference.duration', call())).toBe(3);
  },
);
