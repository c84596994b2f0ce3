import type { TokenUsage } from '../../types.js';
import { type Message, type MessagePart, type OutputMessage, textPart } from '../content.js';
import type { ResponseFacts } from '../format.js';
import { asCount, asLabel, asObject, asText, type JsonObject } from '../json/json.js';
import {
  base64Part,
  boundedValue,
  defined,
  listedModalityTokens,
  listOf,
  membersOf,
  roleOf,
  serverToolCall,
  serverToolResponse,
  tokenSum,
  unreadPart,
  uriPart,
} from './values.js';

/** Reads a content: a turn of the conversation or the system instructions. */
export function partsOf(content: unknown): readonly MessagePart[] {
  return listOf(membersOf(content)?.['parts']).map(partOf);
}

export function messageOf(content: unknown): Message {
  const parts = partsOf(content);
  const role = roleOf(asObject(content)?.['role'], parts);
  return { role: ROLES.get(role) ?? role, parts };
}

const ROLES: ReadonlyMap<string, string> = new Map([
  ['model', 'assistant'],
  ['function', 'tool'],
]);

/** Members of a part that do not determine its type. */
const MODIFIERS: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'mediaResolution',
  'mediaProcessing',
  'partMetadata',
  'videoMetadata',
  'speechMetadata',
]);

export function partOf(value: unknown): MessagePart {
  const part = membersOf(value) ?? {};
  const text = asText(part['text']);
  if (text !== undefined) return textPart(textType(part), text);
  const known =
    toolCall(asObject(part['functionCall'])) ??
    toolResponse(asObject(part['functionResponse'])) ??
    serverToolPart(part) ??
    inlineData(membersOf(part['inlineData'])) ??
    fileData(membersOf(part['fileData']));
  return (
    known ??
    unreadPart(
      Object.keys(part).find((name) => !MODIFIERS.has(name)),
      value,
    )
  );
}

export function textType(part: JsonObject): 'text' | 'reasoning' {
  return part['thought'] === true ? 'reasoning' : 'text';
}

export function isToolCall(part: JsonObject): boolean {
  return typeof asObject(part['functionCall'])?.['name'] === 'string';
}

function toolCall(call: JsonObject | undefined): MessagePart | undefined {
  const name = asLabel(call?.['name']);
  if (name === undefined) return undefined;
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(call?.['id']) }),
    name,
    ...defined({ arguments: boundedValue(call?.['args']) }),
  };
}

/** A result refers to its call by name if calls have no ids. */
function toolResponse(response: JsonObject | undefined): MessagePart | undefined {
  if (response === undefined) return undefined;
  const id = asLabel(response['id']) ?? asLabel(response['name']);
  return { type: 'tool_call_response', ...defined({ id, response: boundedValue(response['response']) }) };
}

/** Tools run by Gemini: code execution, and those with a `toolType`. */
function serverToolPart(part: JsonObject): MessagePart | undefined {
  const code = membersOf(part['executableCode']);
  if (code !== undefined)
    return serverToolCall(code['id'], CODE, CODE, { language: code['language'], code: code['code'] });
  const result = membersOf(part['codeExecutionResult']);
  if (result !== undefined)
    return serverToolResponse(result['id'], CODE, { outcome: result['outcome'], output: result['output'] });
  const call = membersOf(part['toolCall']);
  if (call !== undefined)
    return serverToolCall(call['id'], undefined, toolType(call), { args: call['args'] });
  const response = membersOf(part['toolResponse']);
  if (response === undefined) return undefined;
  return serverToolResponse(response['id'], toolType(response), { response: response['response'] });
}

const CODE = 'code_execution';

/** Lower case, as for other tool names: `google_search_web`. */
function toolType({ toolType: type }: JsonObject): string {
  return (asLabel(type) ?? 'unknown').toLowerCase();
}

function inlineData(blob: JsonObject | undefined): MessagePart | undefined {
  const data = asText(blob?.['data']);
  return data === undefined ? undefined : base64Part(data, blob?.['mimeType']);
}

function fileData(file: JsonObject | undefined): MessagePart | undefined {
  const uri = asText(file?.['fileUri']);
  return uri === undefined ? undefined : uriPart(uri, file?.['mimeType']);
}

export interface GeminiAnswer {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly blockReason: string | undefined;
  readonly promptTokens: number | undefined;
  readonly toolUseTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly candidatesTokens: number | undefined;
  readonly thoughtsTokens: number | undefined;
  readonly modalities: Partial<TokenUsage>;
}

/** @param before the metadata of earlier chunks of a stream: the last value of each member wins */
export function readAnswer(body: JsonObject | undefined, before?: GeminiAnswer): GeminiAnswer {
  const usage = asObject(body?.['usageMetadata']);
  return {
    id: asLabel(body?.['responseId']) ?? before?.id,
    model: asLabel(body?.['modelVersion']) ?? before?.model,
    blockReason: asLabel(asObject(body?.['promptFeedback'])?.['blockReason']) ?? before?.blockReason,
    promptTokens: asCount(usage?.['promptTokenCount']) ?? before?.promptTokens,
    toolUseTokens: asCount(usage?.['toolUsePromptTokenCount']) ?? before?.toolUseTokens,
    cachedTokens: asCount(usage?.['cachedContentTokenCount']) ?? before?.cachedTokens,
    candidatesTokens: asCount(usage?.['candidatesTokenCount']) ?? before?.candidatesTokens,
    thoughtsTokens: asCount(usage?.['thoughtsTokenCount']) ?? before?.thoughtsTokens,
    modalities: { ...before?.modalities, ...modalitiesIn(usage) },
  };
}

function modalitiesIn(usage: JsonObject | undefined): Partial<TokenUsage> {
  if (usage === undefined) return {};
  const input = [usage['promptTokensDetails'], usage['toolUsePromptTokensDetails']];
  return {
    ...listedModalityTokens('InputTokens', input, 'tokenCount'),
    ...listedModalityTokens('OutputTokens', [usage['candidatesTokensDetails']], 'tokenCount'),
    ...listedModalityTokens('CacheReadTokens', [usage['cacheTokensDetails']], 'tokenCount'),
  };
}

/** A blocked prompt has no candidates. Its block reason is the finish reason. */
export function answerFacts(answer: GeminiAnswer, output: readonly OutputMessage[]): ResponseFacts {
  const { id, model, blockReason } = answer;
  const reasons = output.map((message) => message.finish_reason).filter((reason) => reason !== undefined);
  return {
    id,
    model,
    finishReasons: output.length === 0 && blockReason !== undefined ? [blockReason] : reasons,
    usage: usageOf(answer),
    output,
    warningCount: 0,
  };
}

/** The prompt tokens include cached tokens; the candidates tokens exclude thoughts. Omits counts of 0. */
function usageOf(answer: GeminiAnswer): TokenUsage {
  const { promptTokens, toolUseTokens, cachedTokens, candidatesTokens, thoughtsTokens, modalities } = answer;
  return defined({
    inputTokens: tokenSum(promptTokens, toolUseTokens),
    outputTokens: tokenSum(candidatesTokens, thoughtsTokens),
    reasoningTokens: thoughtsTokens,
    cacheReadTokens: cachedTokens,
    ...modalities,
  });
}
