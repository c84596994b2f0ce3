import { listOf, membersOf } from '../gemini/members.js';
import { asObject, type JsonObject } from '../json/json.js';
import { callPart, textPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedDeclarations } from './tools.js';
import { charactersIn, idOf, kindOf, mediaWord, protocolWord, roleWord } from './words.js';

export function shapeOfGenerateContent(body: JsonObject): ShapedRequest {
  const members = membersOf(body) ?? {};
  const { contents, systemInstruction: system } = members;
  const config = membersOf(members['generationConfig']);
  const isThere = Array.isArray(contents) || asObject(contents) !== undefined;
  return {
    system: system === undefined ? [] : typeof system === 'string' ? [textPart(system)] : partsOf(system),
    messages: isThere ? listOf(contents).map(messageOf) : kindOf(contents),
    tools: shapedDeclarations(members['tools']),
    isStructured: config?.['responseMimeType'] === 'application/json',
  };
}

function messageOf(value: unknown): ShapedMessage {
  const content = asObject(value);
  if (content === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  // Where there is but one turn, it may be without a role.
  return {
    role: content['role'] === undefined ? 'user' : roleWord(content['role']),
    parts: partsOf(content),
  };
}

function partsOf(content: unknown): ShapedPart[] {
  const parts = membersOf(content)?.['parts'];
  if (!Array.isArray(parts) && asObject(parts) === undefined)
    return [{ type: 'parts', flaws: [kindOf(parts)] }];
  const list = listOf(parts);
  return list.length === 0 ? [{ type: 'parts', flaws: ['empty list'] }] : list.map(partOf);
}

/** What a part has beside the one member that says what it is. */
const ASIDE: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'mediaResolution',
  'partMetadata',
  'videoMetadata',
]);

function partOf(value: unknown): ShapedPart {
  const part = membersOf(value);
  if (part === undefined) return { type: 'part', flaws: [`no object: ${kindOf(value)}`] };
  const names = Object.keys(part).filter((name) => !ASIDE.has(name));
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
  const media = mediaWord(members?.['mimeType']);
  const flaws = name.endsWith('Data') && media === undefined ? ['no type of media'] : [];
  const type = protocolWord(name);
  return { type: media === undefined ? type : `${type} ${media}`, size: charactersIn(members), flaws };
}

/** Where calls have no ids, the name tells what is answered; what is given back is an object. */
function responseOf(members: JsonObject | undefined): ShapedPart {
  const response = members?.['response'];
  return {
    type: 'result',
    size: charactersIn(response),
    call: { is: 'result', id: idOf(members?.['id']) ?? idOf(members?.['name']) },
    flaws: asObject(response) === undefined ? [`response: ${kindOf(response)}`] : [],
  };
}
