import type { Card, Status } from '../../debug-tab/contract.js';

/** Formats a duration: `12 ms`, `1.34 s`, `2 min 5 s`. */
export function duration(millis: number): string {
  if (millis < 1_000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${(millis / 1_000).toFixed(millis < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(millis / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

export function bytes(count: number): string {
  if (count < 1_000) return several(count, 'byte');
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

const NUMBERS = new Intl.NumberFormat('en');

export function count(value: number): string {
  return NUMBERS.format(value);
}

export function several(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  in_progress: 'in progress',
  completed: 'completed',
  error: 'error',
  interrupted: 'interrupted',
};

export function statusWord(status: string): string {
  return STATUS_WORDS[status as Status] ?? status;
}

export function label({ firstMessage, kind }: Card): string {
  return firstMessage?.trim() || kind;
}

/** Formats token usage as `84 → 15 tokens`. Returns `undefined` if none is recorded. */
export function tokens({ usage }: Pick<Card, 'usage'>): string | undefined {
  const { inputTokens, outputTokens } = usage ?? {};
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const side = (value: number | undefined) => (value === undefined ? '?' : count(value));
  return `${side(inputTokens)} → ${side(outputTokens)} tokens`;
}

export function time(millis: number): string {
  return Number.isFinite(millis) && Math.abs(millis) < 8.64e15
    ? new Date(millis).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
    : 'unknown time';
}

/** Returns `value` if it is an HTTP URL. No other URL is safe in a link. */
export function webAddress(value: string | undefined): string | undefined {
  if (value === undefined || !URL.canParse(value)) return undefined;
  return /^https?:$/.test(new URL(value).protocol) ? value : undefined;
}
