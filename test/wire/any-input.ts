import type { WireFormat } from '../../src/wire/format.js';
import fc, { runs } from '../support/property.js';
import type { StreamedEvent } from './recorded.js';

const LINES = [
  'POST',
  'GET',
  '/v1/messages',
  ':rawPredict',
  ':generateContent',
  'models',
  '/',
  ':',
  '?',
  '%',
  'publishers/anthropic',
  '/model/',
  '/converse',
  '/v2/chat',
  '/v1/completions',
  '/conversations',
];

/** Replaces, removes or duplicates every value within one of the given. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  const places: (readonly string[])[] = [];
  const walk = (inner: unknown, path: readonly string[]): void => {
    places.push(path);
    if (typeof inner === 'object' && inner !== null) {
      for (const [name, member] of Object.entries(inner)) walk(member, [...path, name]);
    }
  };
  walk(value, []);
  return fc
    .array(fc.tuple(fc.constantFrom(...places), fc.jsonValue()), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((body, [path, put]) => replaced(body, path, put), value));
}

function replaced(value: unknown, [name, ...rest]: readonly string[], put: unknown): unknown {
  if (name === undefined) return put;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  return Object.assign(copy, { [name]: replaced(Reflect.get(value, name), rest, put) });
}

/**
 * Checks that nothing makes the format throw: any JSON, and valid input with parts replaced by anything. The results
 * are JSON again.
 */
export function takesAnything(
  format: WireFormat,
  bodies: readonly unknown[],
  events: readonly StreamedEvent[],
): void {
  const body = fc.oneof(fc.jsonValue(), ...bodies.map(mutated));
  const datas = events.map(([, data]) => mutated(JSON.parse(data)).map((changed) => JSON.stringify(changed)));
  const names = fc.option(fc.constantFrom(...events.flatMap(([event]) => event ?? []), 'error', 'x'), {
    nil: undefined,
  });
  const data = fc.oneof({ weight: 8, arbitrary: fc.oneof(...datas) }, fc.json(), fc.string());
  const line = fc.array(fc.oneof(fc.constantFrom(...LINES), fc.string())).map((parts) => parts.join(''));

  fc.assert(
    fc.property(body, (value) => {
      expect(JSON.parse(JSON.stringify(format.readRequest(value)))).toHaveProperty('optionCount');
      expect(JSON.parse(JSON.stringify(format.readResponse(value)))).toHaveProperty('output');
    }),
    { numRuns: runs(2_000) },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(names, data), { maxLength: 20 }), (given) => {
      const reader = format.openStream();
      const facts = () => JSON.stringify(reader.facts());
      const twice = given.map(([event, text]) => {
        reader.event(event, text);
        return [facts(), facts()];
      });
      expect(twice.filter(([first, second]) => first !== second)).toEqual([]);
      expect(reader.facts().counts.parts).toBe(given.length);
    }),
    { numRuns: runs(500, 250) },
  );
  fc.assert(
    fc.property(line, line, (origin, path) => {
      expect(format.match({ method: 'POST', origin, path })?.format ?? format).toBe(format);
    }),
  );
}
