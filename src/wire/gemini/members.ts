import { asObject, type JsonObject } from '../json/json.js';

/**
 * The members of an object of Google's API, named in camel case: in a request they may be written in snake case
 * as well, as its own examples have it.
 */
export function membersOf(value: unknown): JsonObject | undefined {
  const members = asObject(value);
  if (members === undefined || !Object.keys(members).some((name) => name.includes('_'))) return members;
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [camelCase(name), member]));
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A list; of one member the API takes that member alone as well. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return asObject(value) === undefined ? [] : [value];
}
