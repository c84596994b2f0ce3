import { asList, asObject, type JsonObject } from '../json/json.js';
import { callPart, resultPart, shapedContent, textPart, typedPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedFunctions } from './tools.js';
import { idOf, kindOf, roleWord } from './words.js';

/** `chat` has messages, `generate` a prompt. */
export function shapeOfOllama(body: JsonObject): ShapedRequest {
  const { messages, prompt, system, format } = body;
  const isChat = messages !== undefined || prompt === undefined;
  return {
    system: typeof system === 'string' ? [textPart(system)] : [],
    messages: isChat
      ? messagesOf(messages)
      : [{ role: 'user', parts: [textPart(prompt), ...imagesIn(body)] }],
    tools: shapedFunctions(body['tools']),
    isStructured: format === 'json' || asObject(format) !== undefined,
  };
}

function messagesOf(messages: unknown): readonly ShapedMessage[] | string {
  if (!Array.isArray(messages)) return kindOf(messages);
  return messages.map((value) => {
    const message = asObject(value);
    if (message === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
    return { role: roleWord(message['role']), parts: partsOf(message) };
  });
}

function partsOf(message: JsonObject): ShapedPart[] {
  const { role, content, thinking } = message;
  const calls = asList(message['tool_calls']);
  // Calls have no ids: the name tells what is answered.
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
  if (!Array.isArray(images)) return [{ type: 'images', flaws: [kindOf(images)] }];
  return images.map((image) =>
    typeof image === 'string'
      ? { type: 'image', size: image.length }
      : { type: 'image', flaws: [kindOf(image)] },
  );
}
