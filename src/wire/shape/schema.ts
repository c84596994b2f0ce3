import { asList, asObject } from '../json/json.js';
import { kindOf } from './words.js';

const TYPES: ReadonlySet<unknown> = new Set([
  'array',
  'boolean',
  'integer',
  'null',
  'number',
  'object',
  'string',
]);
/** Schemas nested deeper, or more of them, are not looked at. */
const MAX_SCHEMAS = 1_000;

/** What can be wrong with the schema of a tool's arguments, which are an object. */
export function argumentSchemaFlaws(schema: unknown, isStrict: boolean): string[] {
  const type = asObject(schema)?.['type'];
  if (asObject(schema) === undefined) return [`schema: ${kindOf(schema)}`];
  if (type !== 'object') return [`schema of type: ${TYPES.has(type) ? type : kindOf(type)}`];
  return isStrict ? strictFlaws(schema) : [];
}

/** Where a schema is taken strictly, each object in it names all its members, and allows no others. */
export function strictFlaws(schema: unknown): string[] {
  const flaws = new Set<string>();
  const waiting: unknown[] = [schema];
  for (let seen = 0; waiting.length > 0 && seen < MAX_SCHEMAS; seen += 1) {
    const one = asObject(waiting.pop());
    if (one === undefined) continue;
    const properties = asObject(one['properties']);
    if (one['type'] === 'object' || properties !== undefined) {
      if (one['additionalProperties'] !== false) flaws.add('additionalProperties is not false');
      const required = new Set(asList(one['required']));
      if (Object.keys(properties ?? {}).some((name) => !required.has(name))) flaws.add('not all required');
    }
    for (const inner of [one['items'], ...asList(one['anyOf'])]) waiting.push(inner);
    for (const members of [properties, asObject(one['$defs'])]) waiting.push(...Object.values(members ?? {}));
  }
  return [...flaws];
}
