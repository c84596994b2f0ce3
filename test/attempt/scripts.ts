import fc from '../support/property.js';

export type ClientName = "Node's fetch" | 'npm fetch' | 'npm request' | 'node:http';

/** How an exchange ends: normally, cut by the server, or aborted by the application. */
export type Ending =
  | { readonly by: 'end' }
  | { readonly by: 'cut' }
  | {
      readonly by: 'abort';
      readonly when: 'before-headers' | 'after-headers' | 'in-body';
      /** How much of the body is read before, in thousandths. */
      readonly read: number;
      readonly reason: unknown;
    };

/** One exchange: what the client sends, what the server answers, how it ends. */
export interface Script {
  readonly client: ClientName;
  readonly request:
    | { readonly method: 'GET' }
    | { readonly method: 'POST'; readonly pieces: readonly Uint8Array[]; readonly streamed: boolean };
  readonly status: number;
  readonly contentType: string | undefined;
  readonly encoding: 'gzip' | 'deflate' | 'br' | undefined;
  readonly framing: 'length' | 'chunked' | 'close';
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** Where the encoded body is cut into writes, in thousandths. */
  readonly cuts: readonly number[];
  readonly ending: Ending;
}

const binary = fc.uint8Array({ maxLength: 4_000 });
const text = fc
  .string({ unit: 'grapheme', maxLength: 2_000 })
  .map((value) => new Uint8Array(Buffer.from(value)));
const json = fc.jsonValue().map((value) => new Uint8Array(Buffer.from(JSON.stringify(value))));
const large = fc
  .tuple(fc.nat(255), fc.integer({ min: 60_000, max: 200_000 }))
  .map(([byte, size]) => new Uint8Array(size).fill(byte));
const bodies = fc.oneof({ weight: 3, arbitrary: binary }, text, json, large, fc.constant(new Uint8Array()));

/** Visible characters, obs-text included, without white space at the ends. */
const headerValue = fc
  .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
    maxLength: 20,
  })
  .map((codes) => String.fromCharCode(...codes));

const request: fc.Arbitrary<Script['request']> = fc.oneof(
  fc.constant({ method: 'GET' as const }),
  fc.record({
    method: fc.constant('POST' as const),
    pieces: fc.array(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), { minLength: 1, maxLength: 4 }),
    streamed: fc.boolean(),
  }),
);

const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ by: 'end' as const }) },
  { weight: 2, arbitrary: fc.constant({ by: 'cut' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      by: fc.constant('abort' as const),
      when: fc.constantFrom('before-headers' as const, 'after-headers' as const, 'in-body' as const),
      read: fc.nat(1_000),
      reason: fc.constantFrom<unknown>(undefined, new Error('left'), 'left', 7),
    }),
  },
);

const anyScripts: fc.Arbitrary<Script> = fc.record({
  client: fc.constantFrom<ClientName>("Node's fetch", 'npm fetch', 'npm request', 'node:http', 'node:http'),
  request,
  status: fc.constantFrom(200, 200, 200, 201, 204, 304, 400, 429, 500, 529),
  contentType: fc.constantFrom(
    'application/json',
    'text/event-stream',
    'text/plain; charset=utf-8',
    'image/png',
    undefined,
  ),
  encoding: fc.constantFrom(undefined, undefined, 'gzip' as const, 'deflate' as const, 'br' as const),
  framing: fc.constantFrom('length' as const, 'chunked' as const, 'close' as const),
  headers: fc.array(fc.tuple(fc.constantFrom('x-a', 'x-b', 'set-cookie', 'authorization'), headerValue), {
    maxLength: 4,
  }),
  body: bodies,
  cuts: fc.array(fc.nat(1_000), { maxLength: 6 }),
  ending,
});

/** A response without a body cannot be interrupted in its body: it is complete with its headers. */
export const scripts: fc.Arbitrary<Script> = anyScripts.map((script) => {
  const beforeHeaders = script.ending.by === 'abort' && script.ending.when === 'before-headers';
  const canBreak = script.status !== 204 && script.status !== 304 && script.body.length > 1;
  return beforeHeaders || canBreak ? script : { ...script, ending: { by: 'end' } };
});
