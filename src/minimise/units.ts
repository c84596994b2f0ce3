import { fieldsOf, isFields } from '../query/stored-span.js';

/** The path of a member or an item in a body. */
export type Path = readonly (string | number)[];

export type Unit = readonly Path[];

/** The members with the messages, in the providers' formats. */
const LISTS = ['messages', 'contents', 'input', 'inputs', 'prompt'] as const;
const PARTS = ['content', 'parts', 'tool_calls'] as const;

type Body = Readonly<Record<string, unknown>>;

export function messageList(body: Body): string | undefined {
  return LISTS.find((name) => Array.isArray(body[name]));
}

/** The turns, each from one user message to the next, so that a valid conversation remains. */
export function turnUnits(body: Body): readonly Unit[] {
  const list = messageList(body);
  if (list === undefined) return [];
  const units: Path[][] = [];
  for (const [index, message] of (body[list] as readonly unknown[]).entries()) {
    const last = units.at(-1);
    if (last === undefined || startsTurn(message)) units.push([[list, index]]);
    else last.push([list, index]);
  }
  return units;
}

/** Whether it is a user message without a tool result, or an item outside turns. */
function startsTurn(message: unknown): boolean {
  if (!isFields(message)) return true;
  const { role } = message;
  if (role === 'system' || role === 'developer') return true;
  if (role !== 'user') return false;
  const parts = [...fieldsOf(message['content']), ...fieldsOf(message['parts'])];
  return !parts.some((part) => /result|Response/.test(`${part['type']} ${Object.keys(part).join(' ')}`));
}

export function messageUnits(body: Body): readonly Unit[] {
  const list = messageList(body);
  if (list === undefined) return [];
  return (body[list] as readonly unknown[]).map((_, index): Unit => [[list, index]]);
}

export function partUnits(body: Body): readonly Unit[] {
  const list = messageList(body);
  if (list === undefined) return [];
  return (body[list] as readonly unknown[]).flatMap((message, index) =>
    PARTS.flatMap((name) => {
      const parts = isFields(message) ? message[name] : undefined;
      if (!Array.isArray(parts)) return [];
      return parts.map((_, at): Unit => [[list, index, name, at]]);
    }),
  );
}

export function toolUnits(body: Body): readonly Unit[] {
  const under = (tools: unknown, path: Path): readonly Unit[] =>
    Array.isArray(tools)
      ? tools.flatMap((tool, index) => {
          const declared = isFields(tool) ? tool['functionDeclarations'] : undefined;
          const at = [...path, index];
          return Array.isArray(declared) && declared.length > 1
            ? declared.map((_, inner): Unit => [[...at, 'functionDeclarations', inner]])
            : [[at]];
        })
      : [];
  const config = isFields(body['toolConfig']) ? body['toolConfig'] : {};
  return [...under(body['tools'], ['tools']), ...under(config['tools'], ['toolConfig', 'tools'])];
}

/** All other members of the body. The provider reports those that it requires. */
export function optionUnits(body: Body): readonly Unit[] {
  const list = messageList(body);
  return Object.keys(body)
    .filter((name) => name !== 'model' && name !== list)
    .map((name): Unit => [[name]]);
}

/** The members of object options, such as `generationConfig`, and of messages, except role and content. */
export function innerUnits(body: Body): readonly Unit[] {
  const list = messageList(body);
  const options = Object.entries(body).flatMap(([name, value]) =>
    name !== list && isFields(value) ? Object.keys(value).map((inner): Unit => [[name, inner]]) : [],
  );
  const members = fieldsOf(list === undefined ? [] : body[list]).flatMap((message, index) =>
    Object.keys(message)
      .filter((name) => !['role', 'content', 'parts'].includes(name))
      .map((name): Unit => [[String(list), index, name]]),
  );
  return [...options, ...members];
}

/** A copy of the body without these units. Keeps empty lists. */
export function without(body: Body, units: readonly Unit[]): Body {
  const copy = structuredClone(body);
  // From the end, so that the other paths stay valid.
  for (const path of units.flat().toSorted(backwards)) removeAt(copy, path);
  return copy;
}

function backwards(a: Path, b: Path): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [one, other] = [a[at], b[at]];
    if (typeof one === 'number' && typeof other === 'number' && one !== other) return other - one;
    if (String(one) !== String(other)) return 0 - String(one).localeCompare(String(other));
  }
  return b.length - a.length;
}

function removeAt(body: Body, path: Path): void {
  let holder: unknown = body;
  for (const step of path.slice(0, -1))
    holder = (holder as Record<string | number, unknown> | undefined)?.[step];
  const last = path.at(-1);
  if (last === undefined) return;
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (isFields(holder)) delete (holder as Record<string, unknown>)[last];
}
