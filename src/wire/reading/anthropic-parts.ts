import type { TokenUsage } from '../../types.js';
import { type MediaPart, type Message, type MessagePart, type TextPart, textPart } from '../content.js';
import type { ResponseFacts } from '../format.js';
import { asCount, asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import {
  base64Part,
  blobPart,
  boundedValue,
  defined,
  filePart,
  roleOf,
  serverToolCall,
  serverToolResponse,
  tokenSum,
  unreadPart,
  uriPart,
} from './values.js';

/** Reads the content of a message or a system prompt: a text or a list of blocks. */
export function partsOf(content: unknown): readonly MessagePart[] {
  return typeof content === 'string' ? [textPart('text', content)] : asList(content).map(partOf);
}

export function messageOf(value: unknown): Message {
  const message = asObject(value);
  const parts = partsOf(message?.['content']);
  return { role: roleOf(message?.['role'], parts), parts };
}

/** Tool calls: of the application, of the provider and of MCP servers. */
const CALLS: ReadonlySet<unknown> = new Set(['tool_use', 'server_tool_use', 'mcp_tool_use']);

export function isToolCall(block: JsonObject): boolean {
  return CALLS.has(block['type']) && typeof block['name'] === 'string';
}

/** Results of server tools: `web_search_tool_result`, `code_execution_tool_result`, `mcp_tool_result`, …. */
const SERVER_RESULT = /^(\w+)_tool_result$/;

export function partOf(value: unknown): MessagePart {
  const block = asObject(value) ?? {};
  if (block['type'] === 'tool_result') return toolResponse(block);
  const [, tool] = SERVER_RESULT.exec(asText(block['type']) ?? '') ?? [];
  return tool === undefined ? innerPart(value, block) : serverResult(tool, block);
}

function serverResult(tool: string, { tool_use_id: id, content, is_error: failed }: JsonObject): MessagePart {
  return serverToolResponse(id, tool, { content, ...(failed === true && { is_error: true }) });
}

/** A part that may be inside a tool result. Excludes nested results, which would need recursion. */
function innerPart(value: unknown, block = asObject(value) ?? {}): MessagePart {
  return knownPart(block) ?? unreadPart(block['type'], value);
}

function knownPart(block: JsonObject): MessagePart | undefined {
  const { type } = block;
  switch (type) {
    case 'text':
      return written('text', block['text']);
    case 'thinking':
      return written('reasoning', block['thinking']);
    case 'image':
    case 'document':
      return mediaPart(type, asObject(block['source']));
    case 'compaction':
      return compaction(asText(block['content']));
    default:
      return isToolCall(block) ? toolCall(block, boundedValue(block['input'])) : undefined;
  }
}

function written(type: TextPart['type'], value: unknown): TextPart | undefined {
  const text = asText(value);
  return text === undefined ? undefined : textPart(type, text);
}

/** The summary is `null` if compaction failed. */
export function compaction(summary: string | undefined): MessagePart {
  return summary === undefined
    ? { type: 'compaction' }
    : { ...textPart('text', summary), type: 'compaction' };
}

/**
 * Returns the part of a tool call.
 *
 * @param input the input, already bounded
 */
export function toolCall(block: JsonObject, input: unknown): MessagePart {
  const { type, id, name, server_name: server } = block;
  if (type === 'mcp_tool_use') return serverToolCall(id, name, 'mcp', { server_name: server, input });
  if (type === 'server_tool_use') return serverToolCall(id, name, asLabel(name) ?? '', { input });
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(id) }),
    name: asLabel(name) ?? '',
    ...defined({ arguments: input }),
  };
}

function toolResponse(block: JsonObject): MessagePart {
  const { content } = block;
  const given = Array.isArray(content) ? content.map((inner) => innerPart(inner)) : boundedValue(content);
  const response = block['is_error'] === true ? { is_error: true, ...defined({ content: given }) } : given;
  return { type: 'tool_call_response', ...defined({ id: asLabel(block['tool_use_id']), response }) };
}

/** A document may also be a text, recorded by its size like any file, or a list of blocks. */
function mediaPart(modality: string, source: JsonObject | undefined): MediaPart | undefined {
  const mimeType = source?.['media_type'];
  const data = asText(source?.['data']);
  const url = asText(source?.['url']);
  const file = asLabel(source?.['file_id']);
  if (source?.['type'] === 'text' && data !== undefined) {
    return blobPart(Buffer.byteLength(data), mimeType, modality);
  }
  if (data !== undefined) return base64Part(data, mimeType, modality);
  if (url !== undefined) return uriPart(url, mimeType, modality);
  return file === undefined ? undefined : filePart(file, modality);
}

export interface AnthropicAnswer {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly stopReason: string | undefined;
  readonly refusal: string | undefined;
  readonly inputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheCreationTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
}

/**
 * Reads a message and its `usage`.
 *
 * @param before the metadata of earlier events of a stream: counts are totals, so the last ones win
 */
export function readAnswer(message: unknown, usage: unknown, before?: AnthropicAnswer): AnthropicAnswer {
  const said = asObject(message);
  const counts = asObject(usage);
  const details = asObject(counts?.['output_tokens_details']);
  return {
    id: asLabel(said?.['id']) ?? before?.id,
    model: asLabel(said?.['model']) ?? before?.model,
    stopReason: asLabel(said?.['stop_reason']) ?? before?.stopReason,
    refusal: asLabel(asObject(said?.['stop_details'])?.['explanation']) ?? before?.refusal,
    inputTokens: asCount(counts?.['input_tokens']) ?? before?.inputTokens,
    cacheReadTokens: asCount(counts?.['cache_read_input_tokens']) ?? before?.cacheReadTokens,
    cacheCreationTokens: asCount(counts?.['cache_creation_input_tokens']) ?? before?.cacheCreationTokens,
    outputTokens: asCount(counts?.['output_tokens']) ?? before?.outputTokens,
    reasoningTokens: asCount(details?.['thinking_tokens']) ?? before?.reasoningTokens,
  };
}

export function answerFacts(answer: AnthropicAnswer, content: readonly MessagePart[]): ResponseFacts {
  const { id, model, stopReason, refusal } = answer;
  const parts = refusal === undefined ? content : [...content, textPart('refusal', refusal)];
  const answered = parts.length > 0 || stopReason !== undefined;
  return {
    id,
    model,
    finishReasons: stopReason === undefined ? [] : [stopReason],
    usage: usageOf(answer),
    output: answered ? [{ role: 'assistant', parts, ...defined({ finish_reason: stopReason }) }] : [],
    warningCount: 0,
  };
}

/** Anthropic's input tokens exclude cached tokens; the GenAI conventions include them. */
function usageOf(answer: AnthropicAnswer): TokenUsage {
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheCreationTokens } = answer;
  return defined({
    inputTokens:
      inputTokens === undefined ? undefined : tokenSum(inputTokens, cacheReadTokens, cacheCreationTokens),
    outputTokens,
    reasoningTokens,
    cacheReadTokens,
    cacheCreationTokens,
  });
}
