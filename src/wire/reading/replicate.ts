import type { TokenUsage } from '../../types.js';
import { type Message, type MessagePart, textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { messageFacts, StreamedMessage } from '../stream/message-stream.js';
import { mediaByUrl } from './openai-content.js';
import { PARAMETER_NAMES, requestParameters } from './openai-request.js';
import { errorData, optionCount, unreadPart } from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  ...PARAMETER_NAMES,
  'prompt',
  'system_prompt',
  'messages',
  'max_new_tokens',
]);

/** Reads the input members of most language models. The input depends on the model. */
export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  const input = asObject(body['input']) ?? {};
  const system = asText(input['system_prompt']);
  return {
    model: asLabel(body['version']),
    // Creates the prediction. Its stream is a separate request.
    operation: body['stream'] === true ? 'stream' : undefined,
    parameters: requestParameters({ ...input, max_tokens: input['max_tokens'] ?? input['max_new_tokens'] }),
    outputType: undefined,
    systemInstructions: system ? [textPart('text', system)] : [],
    messages: messagesOf(input),
    toolDefinitions: [],
    toolChoice: undefined,
    optionCount: optionCount(input, KNOWN_MEMBERS),
  };
}

function messagesOf({ prompt }: JsonObject): Message[] {
  return typeof prompt === 'string' ? [{ role: 'user', parts: [textPart('text', prompt)] }] : [];
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  const status = asLabel(body['status']);
  const isPending = status === 'starting' || status === 'processing';
  const details = {
    id: asLabel(body['id']),
    model: asLabel(body['model']),
    finishReason: isPending ? undefined : status,
    usage: usageOf(asObject(body['metrics'])),
  };
  return messageFacts(details, outputParts(body['output']));
}

/** The output: a text, pieces of a text, URLs of files, or another value of the model's schema. */
function outputParts(output: unknown): MessagePart[] {
  const pieces = Array.isArray(output) ? output : [output];
  if (output === undefined || output === null || pieces.length === 0) return [];
  if (!pieces.every((piece) => typeof piece === 'string')) return [unreadPart('output', output)];
  if (pieces.every((piece) => FILE.test(piece))) return pieces.map((piece) => mediaByUrl(piece));
  const text = pieces.join('');
  return text === '' ? [] : [textPart('text', text)];
}

const FILE = /^(?:https?:\/\/\S+$|data:)/;

function usageOf(metrics: JsonObject | undefined): TokenUsage | undefined {
  return (
    metrics && {
      inputTokens: asCount(metrics['input_token_count']),
      outputTokens: asCount(metrics['output_token_count']),
    }
  );
}

/** The data of `output` events is plain text. `done` has the reason of a failed stream. */
export function openStream(): StreamReader {
  const message = new StreamedMessage();
  let lastError: string | undefined;
  let lastEvent: string | undefined;
  return {
    event(event, data) {
      message.counts.parts += 1;
      lastEvent = asLabel(event) ?? lastEvent;
      if (event === 'output') message.text('text', data);
      if (event === 'done')
        message.note({ finishReason: asLabel(asObject(parsed(data))?.['reason']) || 'succeeded' });
      if (event !== 'error') return;
      message.counts.errors += 1;
      lastError = errorData(data);
    },
    facts: () => ({ ...message.facts(), counts: { ...message.counts }, lastError, lastEvent }),
  };
}
