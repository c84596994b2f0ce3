import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createBedrockAnthropic } from '@ai-sdk/amazon-bedrock/anthropic';
import { awsChunk, awsEvent, awsException } from '../support/aws-event-stream.js';
import type { Reply } from '../support/provider.js';
import { ASKED, aws, generate, json, recordedStep, saying, stream } from './recorded-step.js';

describe('Bedrock', () => {
  const options = (url: string) => ({
    region: 'us-east-1',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'none',
    baseURL: url,
  });
  const converse = (url: string) => createAmazonBedrock(options(url))('us.amazon.nova-lite-v1:0');
  const claude = (url: string) => createBedrockAnthropic(options(url))('us.anthropic.claude-sonnet-4-v1:0');
  const said = { provider: 'aws.bedrock', model: 'us.amazon.nova-lite-v1:0', input: ASKED };
  const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 5, cacheReadInputTokens: 4 };
  const delta = (words: string) =>
    awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: words } });
  const start = [awsEvent('messageStart', { role: 'assistant' }), delta('Twelve '), delta('degrees.')];
  const answer = {
    usage: { inputTokens: 7, outputTokens: 2, cacheReadTokens: 4 },
    output: saying('Twelve degrees.', 'end_turn'),
  };

  test('converse', async () => {
    const reply = json({
      output: { message: { role: 'assistant', content: [{ text: 'Twelve degrees.' }] } },
      stopReason: 'end_turn',
      usage,
    });
    expect(await recordedStep((url) => generate(converse(url)), reply)).toMatchObject({
      ...said,
      ...answer,
      status: 'completed',
      operation: 'generate',
    });
  });

  test('converse-stream', async () => {
    const end = [
      awsEvent('messageStop', { stopReason: 'end_turn' }),
      awsEvent('metadata', { usage, metrics: {} }),
    ];
    expect(await recordedStep((url) => stream(converse(url)), aws(...start, ...end))).toMatchObject({
      ...said,
      ...answer,
      status: 'completed',
      operation: 'stream',
    });
  });

  test('an exception in a stream', async () => {
    const reply = aws(...start, awsException('throttlingException', 'Too many tokens.'));
    expect(await recordedStep((url) => stream(converse(url)), reply)).toMatchObject({
      ...said,
      status: 'error',
      error: ['rate_limit', 'throttlingException'],
      output: [{ parts: [{ content: 'Twelve degrees.' }] }],
    });
  });

  test('a refused request', async () => {
    const reply: Reply = {
      type: 'json',
      status: 400,
      body: { message: 'The provided model identifier is invalid.' },
      headers: { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/coral/' },
    };
    expect(await recordedStep((url) => generate(converse(url)), reply)).toMatchObject({
      status: 'error',
      error: ['config', 'ValidationException'],
      attempts: [400],
    });
  });

  test('invoke with Claude', async () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4',
      content: [{ type: 'text', text: 'Twelve degrees.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 4 },
    };
    expect(await recordedStep((url) => generate(claude(url)), json(message))).toMatchObject({
      ...answer,
      provider: 'aws.bedrock',
      model: 'us.anthropic.claude-sonnet-4-v1:0',
      input: ASKED,
      status: 'completed',
      operation: 'generate',
    });
  });

  test('invoke with Claude as a stream', async () => {
    const usage = { input_tokens: 3, output_tokens: 1, cache_read_input_tokens: 4 };
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage,
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Twelve degrees.' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 2 },
      },
      { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3 } },
    ];
    expect(await recordedStep((url) => stream(claude(url)), aws(...events.map(awsChunk)))).toMatchObject({
      ...answer,
      provider: 'aws.bedrock',
      status: 'completed',
      operation: 'stream',
    });
  });
});
