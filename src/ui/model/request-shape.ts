import type { Fields } from '../../debug-tab/contract.js';
import { ATTR_CHATDEBUG_REQUEST_SHAPE } from '../../semconv.js';
import { json, object } from './attributes.js';

/** The structure of a failed request, without content. */
export interface RequestShape {
  /** Why the request could not be parsed. All other properties are empty then. */
  readonly unread: string | undefined;
  /** Members such as `format` and `message_count`, as strings. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly messages: readonly ShapeMessage[];
  readonly flaws: readonly ShapeFlaw[];
}

export interface ShapeMessage {
  /** Zero-based, as in `flaws`. */
  readonly index: number;
  readonly role: string;
  readonly parts: readonly ShapePart[];
}

export interface ShapePart {
  readonly text: string;
  readonly flaws: string | undefined;
}

export interface ShapeFlaw {
  readonly flaw: string;
  readonly messages: readonly number[];
}

/** Returns `undefined` if the step has no shape. */
export function requestShape(attributes: Fields): RequestShape | undefined {
  const shape = object(json(attributes, ATTR_CHATDEBUG_REQUEST_SHAPE));
  if (shape === undefined) return undefined;
  const { unread, messages, messages_left_out: leftOut, flaws, ...others } = shape;
  const facts = Object.entries(others)
    .map(([name, value]) => [name.replaceAll('_', ' '), factText(value)] as const)
    .filter(([, value]) => value !== '{}');
  return {
    unread: unread === undefined ? undefined : factText(unread),
    facts: leftOut === undefined ? facts : [...facts, ['messages left out', factText(leftOut)]],
    messages: Array.isArray(messages) ? numbered(messages, leftOut) : [],
    flaws: Object.entries(object(flaws) ?? {}).map(([flaw, at]) => ({ flaw, messages: numbersIn(at) })),
  };
}

/** Omitted messages follow the first one, so the rest are numbered from the end. */
function numbered(messages: readonly unknown[], leftOut: unknown): readonly ShapeMessage[] {
  const gap = typeof leftOut === 'number' ? leftOut : 0;
  return messages.map((message, at) => {
    const [role, ...parts] = Array.isArray(message) ? message : [message];
    return { index: at === 0 ? 0 : at + gap, role: factText(role), parts: parts.map(partOf) };
  });
}

function partOf(value: unknown): ShapePart {
  const text = factText(value);
  const [what = '', ...flaws] = text.split(': ');
  return { text: what, flaws: flaws.length === 0 ? undefined : flaws.join(': ') };
}

function numbersIn(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : [];
}

function factText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
