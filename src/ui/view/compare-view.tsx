import { useMemo, useState } from 'preact/hooks';
import { type Difference, differences } from '../model/compare.js';
import { type Message, requestMessages } from '../model/messages.js';
import { requestShape, type ShapeMessage } from '../model/request-shape.js';
import type { Step } from '../model/run-tree.js';
import { several } from '../model/words.js';
import { Paged } from './parts.js';
import { MessageView } from './transcript.js';

export function comparable(step: Step, steps: readonly Step[]): readonly Step[] {
  return historyOf(step) === undefined
    ? []
    : steps.filter((other) => other.span !== step.span && historyOf(other) !== undefined);
}

/** Returns the messages of a request, or their structure in errors capture. */
function historyOf({ span: { attributes } }: Step): readonly Message[] | undefined {
  return requestMessages(attributes) ?? requestShape(attributes)?.messages.map(withoutContent);
}

function withoutContent({ role, parts }: ShapeMessage): Message {
  const shownParts = parts.map(({ text, flaws }) => {
    const content = flaws === undefined ? text : `${text}: ${flaws}`;
    return { title: 'text', type: 'text', content, absent: undefined };
  });
  return { role, parts: shownParts, finishReason: undefined };
}

interface CompareProps {
  readonly step: Step;
  /** At least one. */
  readonly others: readonly Step[];
}

export function CompareView({ step, others }: CompareProps) {
  const before = others.findLast(({ number }) => number < step.number) ?? others[0];
  const [otherNumber, setOtherNumber] = useState(before?.number);
  const other = others.find(({ number }) => number === otherNumber) ?? before;
  const lines = useMemo(
    () => folded(differences(other === undefined ? [] : (historyOf(other) ?? []), historyOf(step) ?? [])),
    [step, other],
  );
  const changed = lines.filter((line) => typeof line !== 'number').length;
  return (
    <>
      <label>
        From step{' '}
        <select
          value={String(other?.number)}
          onChange={(event) => setOtherNumber(Number(event.currentTarget.value))}
        >
          {others.map(({ number }) => (
            <option key={number} value={String(number)}>
              {number}
            </option>
          ))}
        </select>{' '}
        to step {step.number}
      </label>
      {changed === 0 && <p>Both requests have the same messages.</p>}
      <Paged items={lines} what="messages" item={(line, index) => <Line key={`${index}`} line={line} />} />
    </>
  );
}

/** Replaces consecutive equal messages by their number. */
function folded(all: readonly Difference<Message>[]): readonly (number | Difference<Message>)[] {
  const lines: (number | Difference<Message>)[] = [];
  for (const line of all) {
    const last = lines.at(-1);
    if (line.change !== 'same') lines.push(line);
    else if (typeof last === 'number') lines[lines.length - 1] = last + 1;
    else lines.push(1);
  }
  return lines;
}

function Line({ line }: { readonly line: number | Difference<Message> }) {
  if (typeof line === 'number') return <p class="quiet">{several(line, 'message')} unchanged</p>;
  return (
    <div class={line.change === 'added' ? 'added' : 'removed'}>
      <p class="role">{line.change === 'added' ? '+ added' : '− removed'}</p>
      <MessageView message={line.item} />
    </div>
  );
}
