import type { Evidence } from './evidence.js';

/** Says what in the evidence it matched, if anything. */
export type Match = (evidence: Evidence) => string | undefined;

export function statusOf(evidence: Evidence): number | undefined {
  return evidence.status ?? evidence.textStatus;
}

export function status(...wanted: readonly number[]): Match {
  return (evidence) => {
    const found = statusOf(evidence);
    return found !== undefined && wanted.includes(found) ? `status ${found}` : undefined;
  };
}

export function code(wanted: readonly string[]): Match {
  const set = new Set(wanted);
  return ({ codes }) => {
    for (const found of codes) if (set.has(found)) return `code ${found}`;
    return undefined;
  };
}

export function text(wanted: RegExp): Match {
  return (evidence) => {
    const found = evidence.text === '' ? null : wanted.exec(evidence.text);
    return found === null ? undefined : `text "${found[0]}"`;
  };
}

export function any(...matches: readonly Match[]): Match {
  return (evidence) => {
    for (const match of matches) {
      const found = match(evidence);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function both(first: Match, second: Match): Match {
  return (evidence) => {
    const found = first(evidence);
    const also = found === undefined ? undefined : second(evidence);
    return also === undefined ? undefined : `${found}, ${also}`;
  };
}

export function unless(exception: Match, match: Match): Match {
  return (evidence) => {
    const found = match(evidence);
    return found === undefined || exception(evidence) !== undefined ? undefined : found;
  };
}
