import { textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asList, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { messageStream, type StreamedMessage } from '../stream/message-stream.js';
import * as anthropic from './anthropic.js';
import * as converse from './bedrock-converse.js';
import { optionCount } from './values.js';

/** Claude's body has the format of Anthropic's API, that of Amazon's models nearly the format of Converse. */
export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  const isAnthropics = body['anthropic_version'] !== undefined;
  const facts = isAnthropics ? anthropic.readRequest(body) : converse.readRequest(body);
  const prompt = asText(body['prompt']) ?? asText(body['inputText']);
  const isRead = isAnthropics || prompt === undefined;
  return {
    ...facts,
    model: undefined,
    operation: undefined,
    messages: isRead ? facts.messages : [{ role: 'user', parts: [textPart('text', prompt)] }],
    optionCount: isAnthropics ? facts.optionCount : optionCount(body, OWN),
  };
}

const OWN: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'prompt',
  'inputText',
]);

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  if (body['type'] === 'message') return anthropic.readResponse(body);
  if (asObject(body['output'])?.['message'] !== undefined) return converse.readResponse(body);
  const stream = messageStream(readOther);
  stream.event(undefined, JSON.stringify(body));
  const { id, model, finishReasons, usage, output, warningCount } = stream.facts();
  return { id, model, finishReasons, usage, output, warningCount };
}

/** The first event determines the format of the stream. */
export function openStream(): StreamReader {
  let stream: StreamReader | undefined;
  return {
    event(event, data) {
      stream ??= isAnthropics(data) ? anthropic.openStream() : messageStream(readOther);
      stream.event(event, data);
    },
    facts: () => (stream ?? messageStream(readOther)).facts(),
  };
}

function isAnthropics(data: string): boolean {
  const type = asText(asObject(parsed(data))?.['type']);
  return type === 'ping' || /^(?:message|content_block)_/.test(type ?? '');
}

/** Reads a response or an event of other models: Amazon's, Meta's, Mistral's, Cohere's. */
function readOther(message: StreamedMessage, _type: string | undefined, body: JsonObject): void {
  const [name] = Object.keys(body);
  const event = name === undefined ? undefined : asObject(body[name]);
  if (name !== undefined && event !== undefined) converse.readEvent(message, name, event);
  const [output] = [
    ...asList(body['outputs']),
    ...asList(body['results']),
    ...asList(body['generations']),
  ].map(asObject);
  message.text(
    'text',
    body['generation'] ?? body['outputText'] ?? output?.['text'] ?? output?.['outputText'],
  );
  const reason = body['stop_reason'] ?? body['completionReason'] ?? output?.['stop_reason'];
  message.note({
    finishReason: asLabel(reason ?? output?.['completionReason'] ?? output?.['finish_reason']),
    usage: usageOf(body),
  });
}

/** The last event of a stream has Bedrock's metrics. */
function usageOf(body: JsonObject) {
  const metrics = asObject(body['amazon-bedrock-invocationMetrics']);
  const inputTokens =
    asCount(metrics?.['inputTokenCount']) ??
    asCount(body['prompt_token_count']) ??
    asCount(body['inputTextTokenCount']);
  const outputTokens = asCount(metrics?.['outputTokenCount']) ?? asCount(body['generation_token_count']);
  return inputTokens === undefined && outputTokens === undefined ? undefined : { inputTokens, outputTokens };
}
