import type { ShapedMessage, ShapedPart } from './shaped.js';

interface Call {
  readonly number: number;
  /** The message that it stands in. */
  readonly at: number;
  isAnswered: boolean;
}

/** A part as it is told, with the number of the call that it is or answers. */
export interface NumberedPart extends ShapedPart {
  readonly number?: number;
}

export interface NumberedMessage {
  readonly role: string;
  readonly parts: readonly NumberedPart[];
}

/**
 * Gives each call of a tool a number in the place of its id, the same to what answers it, and tells what does not
 * belong together: a call without a result, a result without a call before it, an id that is there twice.
 */
export function numberCalls(messages: readonly ShapedMessage[]): NumberedMessage[] {
  const calls = new Map<string, Call>();
  const ids = new Set(messages.flatMap(({ parts }) => parts.map((part) => idOfCall(part))));
  let number = 0;
  const numbered = messages.map(({ role, parts }, at) => ({
    role,
    parts: parts.map((part): NumberedPart => {
      const { call } = part;
      if (call === undefined) return part;
      if (call.id === undefined) return withFlaw(part, 'no id');
      const known = calls.get(call.id);
      if (call.is === 'call') {
        if (known !== undefined) return withFlaw({ ...part, number: known.number }, 'id again');
        number += 1;
        calls.set(call.id, { number, at, isAnswered: false });
        return { ...part, number };
      }
      if (known === undefined) {
        return withFlaw(part, ids.has(call.id) ? 'before its call' : 'no call has its id');
      }
      const isAgain = known.isAnswered;
      known.isAnswered = true;
      const answer = { ...part, number: known.number };
      if (isAgain) return withFlaw(answer, 'result again');
      return isDirect(messages, known.at, at) ? answer : withFlaw(answer, 'other messages between');
    }),
  }));
  const open = new Set([...calls.values()].filter(({ isAnswered }) => !isAnswered).map((one) => one.number));
  return numbered.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) => (isOpen(part, open) ? withFlaw(part, 'no result') : part)),
  }));
}

function idOfCall({ call }: ShapedPart): string | undefined {
  return call?.is === 'call' ? call.id : undefined;
}

function isOpen({ call, number }: NumberedPart, open: ReadonlySet<number>): boolean {
  return call?.is === 'call' && number !== undefined && open.has(number);
}

function withFlaw(part: NumberedPart, flaw: string): NumberedPart {
  return { ...part, flaws: [...(part.flaws ?? []), flaw] };
}

/** Between a call and its result there are but other calls and results. */
function isDirect(messages: readonly ShapedMessage[], from: number, to: number): boolean {
  return messages
    .slice(from + 1, to)
    .every(({ parts }) => parts.length > 0 && parts.every(({ call }) => call !== undefined));
}
