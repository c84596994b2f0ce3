import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { asksForJson } from '../reading/openai-request.js';
import { listOf, membersOf } from '../reading/values.js';
import {
  callPart,
  contentMessage,
  resultPart,
  shapedContent,
  shapedDeclarations,
  shapedFunctions,
  shapedInput,
  shapedInstructions,
  shapedMessage,
  shapedModelTools,
  textPart,
  typedPart,
} from './parts.js';
import {
  charactersIn,
  idOf,
  mediaKind,
  protocolWord,
  roleWord,
  type ShapedMessage,
  type ShapedPart,
  type ShapedRequest,
  valueKind,
} from './words.js';

/** The call options of the AI SDK, as sent to Vercel AI Gateway. */
export function shapeOfCallOptions(body: JsonObject): ShapedRequest {
  const { prompt } = body;
  return {
    system: [],
    messages: Array.isArray(prompt) ? prompt.map(aiSdkMessage) : valueKind(prompt),
    tools: shapedModelTools(body['tools']),
    isStructured: asObject(body['responseFormat'])?.['type'] === 'json',
  };
}

function aiSdkMessage(value: unknown): ShapedMessage {
  return contentMessage(value, aiSdkPart);
}

function aiSdkPart(value: unknown): ShapedPart {
  const part = asObject(value);
  const id = part?.['toolCallId'];
  if (part?.['type'] === 'tool-call') return callPart('call', id, part['toolName'], part['input'], 'any');
  if (part?.['type'] !== 'tool-result') return typedPart(value);
  const output = asObject(part['output']);
  const shaped = resultPart('result', id, JSON.stringify(output?.['value'] ?? ''));
  return output === undefined ? { ...shaped, flaws: [`output: ${valueKind(part['output'])}`] } : shaped;
}

export function shapeOfConversation(body: JsonObject): ShapedRequest {
  const { instructions, inputs } = body;
  return {
    system: shapedInstructions(instructions),
    messages: shapedInput(inputs, entryOf),
    tools: shapedFunctions(body['tools']),
    isStructured: asksForJson(asObject(body['completion_args'])?.['response_format']),
  };
}

function entryOf(value: unknown): ShapedMessage {
  return shapedMessage(value, (entry) => {
    if ('role' in entry)
      return { role: roleWord(entry['role']), parts: shapedContent(entry['content'], typedPart) };
    const type = asText(entry['type'])?.replace('.', '_');
    return { role: protocolWord(type), parts: [mistralPart(entry)] };
  });
}

function mistralPart(entry: JsonObject): ShapedPart {
  const id = entry['tool_call_id'];
  if (entry['type'] === 'function.call')
    return callPart('call', id, entry['name'], entry['arguments'], 'any');
  if (entry['type'] === 'function.result') return resultPart('result', id, entry['result']);
  return { type: 'entry', size: charactersIn(entry) };
}

/** `chat` has messages; `generate` has a prompt. */
export function shapeOfOllama(body: JsonObject): ShapedRequest {
  const { messages, prompt, system, format } = body;
  const isChat = messages !== undefined || prompt === undefined;
  return {
    system: typeof system === 'string' ? [textPart(system)] : [],
    messages: isChat
      ? ollamaMessages(messages)
      : [{ role: 'user', parts: [textPart(prompt), ...imagesIn(body)] }],
    tools: shapedFunctions(body['tools']),
    isStructured: format === 'json' || asObject(format) !== undefined,
  };
}

function ollamaMessages(messages: unknown): readonly ShapedMessage[] | string {
  if (!Array.isArray(messages)) return valueKind(messages);
  return messages.map((value) =>
    shapedMessage(value, (message) => ({ role: roleWord(message['role']), parts: ollamaParts(message) })),
  );
}

function ollamaParts(message: JsonObject): ShapedPart[] {
  const { role, content, thinking } = message;
  const calls = asList(message['tool_calls']);
  // Calls have no ids; results refer to them by name.
  if (role === 'tool')
    return [resultPart('result', idOf(message['tool_call_id']) ?? message['tool_name'], content)];
  const isSilent = calls.length > 0 && (content === undefined || content === '');
  return [
    ...(thinking === undefined ? [] : [textPart(thinking, 'thinking')]),
    ...(isSilent ? [] : shapedContent(content, typedPart)),
    ...imagesIn(message),
    ...calls.map(callOf),
  ];
}

function callOf(value: unknown): ShapedPart {
  const call = asObject(value);
  const called = asObject(call?.['function']);
  const name = called?.['name'];
  return callPart('call', idOf(call?.['id']) ?? name, name, called?.['arguments'], 'object');
}

function imagesIn({ images }: JsonObject): ShapedPart[] {
  if (images === undefined) return [];
  if (!Array.isArray(images)) return [{ type: 'images', flaws: [valueKind(images)] }];
  return images.map((image) =>
    typeof image === 'string'
      ? { type: 'image', size: image.length }
      : { type: 'image', flaws: [valueKind(image)] },
  );
}

export function shapeOfGenerateContent(body: JsonObject): ShapedRequest {
  const members = membersOf(body) ?? {};
  const { contents, systemInstruction: system } = members;
  const config = membersOf(members['generationConfig']);
  const isThere = Array.isArray(contents) || asObject(contents) !== undefined;
  return {
    system: system === undefined ? [] : typeof system === 'string' ? [textPart(system)] : partsOf(system),
    messages: isThere ? listOf(contents).map(messageOf) : valueKind(contents),
    tools: shapedDeclarations(members['tools']),
    isStructured: config?.['responseMimeType'] === 'application/json',
  };
}

function messageOf(value: unknown): ShapedMessage {
  return shapedMessage(value, (content) => {
    // A single turn may lack its role.
    return {
      role: content['role'] === undefined ? 'user' : roleWord(content['role']),
      parts: partsOf(content),
    };
  });
}

function partsOf(content: unknown): ShapedPart[] {
  const parts = membersOf(content)?.['parts'];
  if (!Array.isArray(parts) && asObject(parts) === undefined)
    return [{ type: 'parts', flaws: [valueKind(parts)] }];
  const list = listOf(parts);
  return list.length === 0 ? [{ type: 'parts', flaws: ['empty list'] }] : list.map(partOf);
}

/** Members of a part that do not determine its type. */
const MODIFIERS: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'mediaResolution',
  'partMetadata',
  'videoMetadata',
]);

function partOf(value: unknown): ShapedPart {
  const part = membersOf(value);
  if (part === undefined) return { type: 'part', flaws: [`no object: ${valueKind(value)}`] };
  const names = Object.keys(part).filter((name) => !MODIFIERS.has(name));
  const [name] = names;
  if (name === undefined) return { type: 'part', flaws: ['empty'] };
  if (names.length > 1) return { type: names.map(protocolWord).join('+'), flaws: ['more than one'] };
  const members = membersOf(part[name]);
  if (name === 'text') return textPart(part['text']);
  if (name === 'functionCall') {
    return callPart(
      'call',
      idOf(members?.['id']) ?? members?.['name'],
      members?.['name'],
      members?.['args'] ?? {},
      'object',
    );
  }
  if (name === 'functionResponse') return responseOf(members);
  const media = mediaKind(members?.['mimeType']);
  const flaws = name.endsWith('Data') && media === undefined ? ['no type of media'] : [];
  const type = protocolWord(name);
  return { type: media === undefined ? type : `${type} ${media}`, size: charactersIn(members), flaws };
}

/** A result refers to its call by name if calls have no ids. Its response must be an object. */
function responseOf(members: JsonObject | undefined): ShapedPart {
  const response = members?.['response'];
  return {
    type: 'result',
    size: charactersIn(response),
    call: { is: 'result', id: idOf(members?.['id']) ?? idOf(members?.['name']) },
    flaws: asObject(response) === undefined ? [`response: ${valueKind(response)}`] : [],
  };
}
