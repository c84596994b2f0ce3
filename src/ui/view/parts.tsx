import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { bytes, statusWord } from '../model/words.js';

export function Badge({ status, word }: { readonly status: string; readonly word?: string }) {
  return <span class={`badge ${className(status)}`}>{word ?? statusWord(status)}</span>;
}

/** Returns a CSS class for an untrusted word, or none if there is no style for it. */
export function className(word: string): string {
  return /^(completed|error|failed|interrupted|in_progress|user|assistant|tool|system)$/.test(word)
    ? word
    : '';
}

interface FoldProps {
  readonly title: ComponentChildren;
  readonly isOpen?: boolean;
  /** Called on expansion, so that collapsed content is not rendered. */
  children(): ComponentChildren;
}

export function Fold({ title, isOpen = false, children }: FoldProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && <div class="inside">{children()}</div>}
    </details>
  );
}

export type FactList = readonly (readonly [name: string, value: string | undefined])[];

/** A list of names and values. Omits names without a value. */
export function Facts({ facts }: { readonly facts: FactList }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  if (known.length === 0) return null;
  return (
    <dl>
      {known.map(([name, value], index) => [
        <dt key={`${index} name`}>{name}</dt>,
        <dd key={`${index} value`}>
          <Marked text={value ?? ''} />
        </dd>,
      ])}
    </dl>
  );
}

export function Absent({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <div class="absent">
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

/** Longer texts are collapsed to this length. */
const SHOWN_AT_FIRST = 5_000;

export function LongText({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text.length <= SHOWN_AT_FIRST || isWhole) {
    return (
      <pre>
        <Marked text={text} />
      </pre>
    );
  }
  return (
    <>
      <pre>
        <Marked text={`${text.slice(0, SHOWN_AT_FIRST)} …`} />
      </pre>
      <button type="button" class="plain" onClick={() => setWhole(true)}>
        Show all, {bytes(text.length)}
      </button>
    </>
  );
}

/** A text with highlighted redaction and truncation marks. */
export function Marked({ text }: { readonly text: string }) {
  const pieces = text.split(/(\[REDACTED\]|\[TRUNCATED\])/);
  if (pieces.length === 1) return <>{text}</>;
  // Odd indexes are matches of the capturing group.
  return (
    <>{pieces.map((piece, index) => (index % 2 === 1 ? <mark key={`${index}`}>{piece}</mark> : piece))}</>
  );
}

const PAGE = 50;

interface PagedProps<T> {
  readonly items: readonly T[];
  readonly what: string;
  item(item: T, index: number): ComponentChildren;
}

export function Paged<T>({ items, what, item }: PagedProps<T>) {
  const [shown, setShown] = useState(PAGE);
  const left = items.length - shown;
  return (
    <>
      {items.slice(0, shown).map(item)}
      {left > 0 && (
        <button type="button" class="plain" onClick={() => setShown(shown + 4 * PAGE)}>
          Show more {what}, {left} left
        </button>
      )}
    </>
  );
}
