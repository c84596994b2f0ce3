import type { Fields } from '../../debug-tab/contract.js';

export function text(attributes: Fields, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns a numeric attribute. Some backends return integers as strings. */
export function number(attributes: Fields, name: string): number | undefined {
  const value = attributes[name];
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** Returns a list attribute as strings. A single value is a list of one. */
export function texts(attributes: Fields, name: string): readonly string[] {
  const value = attributes[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

export function shown(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value);
}

export function json(attributes: Fields, name: string): unknown {
  const value = text(attributes, name);
  return value === undefined ? undefined : parsed(value);
}

export function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

export function headers(attributes: Fields, prefix: string): readonly (readonly [string, string])[] {
  return Object.keys(attributes)
    .filter((name) => name.startsWith(prefix))
    .sort()
    .flatMap((name) => texts(attributes, name).map((value) => [name.slice(prefix.length), value] as const));
}
