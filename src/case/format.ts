import { readFileSync } from 'node:fs';
import { CASE_SCHEMA, type JsonSchema } from './schema.js';

/**
 * Reads a case file.
 *
 * @throws CaseError if the file can't be read or is invalid
 */
export function readCase(file: string): FieldCase {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CaseError(`Cannot read the case ${file}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    });
  }
  return parseCase(text, file);
}

/** The version that this package writes, and the latest that it reads. */
export const CASE_VERSION = 1;

/**
 * A model call to replay: the requests, the responses, and what should be recorded. See docs/field-cases.md; the JSON
 * schema is docs/case.schema.json.
 */
export interface FieldCase {
  readonly version?: number | undefined;
  readonly id: string;
  readonly title: string;
  readonly evidence?: string | undefined;
  /** The parts that are synthesised, as no content was recorded. */
  readonly synthesised?: readonly ('request' | 'response')[] | undefined;
  /** What a replay cannot reproduce, in sentences. */
  readonly notes?: readonly string[] | undefined;
  /** `gen_ai.provider.name`. */
  readonly provider?: string | undefined;
  readonly request: CaseRequest;
  readonly response: CaseResponse;
  readonly next?: readonly CaseAttempt[] | undefined;
  readonly expect: Expectation;
}

export interface CaseRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent unchanged, instead of `body`. */
  readonly text?: string | undefined;
  readonly truncated?: Truncated | undefined;
}

/** The known bytes of a body, and its size on the wire. */
interface Truncated {
  readonly known: number;
  readonly size: number;
}

export interface CaseAttempt {
  /** The differences from the request of the previous attempt. */
  readonly request?: Partial<CaseRequest> | undefined;
  readonly response: CaseResponse;
}

/**
 * - `clean`: the body is complete
 * - `cut`: the connection is closed before that
 * - `reset`: the connection is reset before that
 * - `hang`: nothing more is sent until the client disconnects
 * - `refused`: the connection is refused
 */
export type ResponseEnd = 'clean' | 'cut' | 'reset' | 'hang' | 'refused';

export interface CaseResponse {
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The decoded body. With `content-encoding` the server compresses it. */
  readonly chunks?: readonly CaseChunk[] | undefined;
  readonly afterMs?: number | undefined;
  /** Milliseconds between two chunks, unless the second one has `afterMs`. */
  readonly gapMs?: number | undefined;
  /** Milliseconds from the last chunk to the end; with `hang`, until the client disconnected. */
  readonly endAfterMs?: number | undefined;
  readonly end: ResponseEnd;
  readonly truncated?: Truncated | undefined;
}

export type CaseChunk =
  | string
  | {
      readonly text?: string | undefined;
      readonly base64?: string | undefined;
      /** How often the text is repeated. Default: 1. */
      readonly times?: number | undefined;
      readonly afterMs?: number | undefined;
    };

/** What should be recorded. Absent members are not checked. */
export interface Expectation {
  readonly seen?: boolean | undefined;
  readonly status?: string | undefined;
  readonly kind?: string | undefined;
  readonly detail?: string | undefined;
  readonly errorType?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly exceptionType?: string | undefined;
  readonly attempts?: readonly ExpectedAttempt[] | undefined;
}

interface ExpectedAttempt {
  readonly statusCode?: number | undefined;
  readonly status: string;
  readonly errorType?: string | undefined;
}

/** An invalid case or trace file, a run without a case, or a failed request of a command. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

/**
 * Parses a case.
 *
 * @param source the name of the file, for messages
 * @throws CaseError for invalid JSON, a later version, or a value that does not match the schema
 */
export function parseCase(text: string, source: string): FieldCase {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const isCut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    throw new CaseError(isCut ? `Invalid JSON in ${source}: unexpected end` : `Invalid JSON in ${source}`, {
      cause,
    });
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > CASE_VERSION)
    throw new CaseError(
      `Invalid case ${source}: version ${version}, expected at most ${CASE_VERSION}. Update this package`,
    );
  const error = schemaError(value, CASE_SCHEMA);
  if (error !== undefined) throw new CaseError(`Invalid case ${source}: ${error}`);
  return value as FieldCase;
}

export function attemptsOf({
  request,
  response,
  next = [],
}: FieldCase): readonly Required<CompleteAttempt>[] {
  let last = request;
  return [
    { request, response },
    ...next.map((attempt) => {
      last = { ...last, ...attempt.request };
      return { request: last, response: attempt.response };
    }),
  ];
}

interface CompleteAttempt {
  readonly request: CaseRequest;
  readonly response: CaseResponse;
}

export function requestBytes({ body, text }: CaseRequest): Buffer | undefined {
  if (text !== undefined) return Buffer.from(text);
  return body === undefined ? undefined : Buffer.from(JSON.stringify(body));
}

export function chunkBytes(chunk: CaseChunk): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk.base64 !== undefined) return Buffer.from(chunk.base64, 'base64');
  return Buffer.from((chunk.text ?? '').repeat(chunk.times ?? 1));
}

/**
 * Validates a value.
 *
 * @param at the path of the value, for the message
 * @returns the first error, such as `response.end: expected one of clean, cut`
 */
function schemaError(value: unknown, schema: JsonSchema, at = ''): string | undefined {
  const error = (problem: string): string => (at === '' ? problem : `${at}: ${problem}`);
  if (schema.anyOf !== undefined) {
    const errors = schema.anyOf.map((one) => schemaError(value, one, at));
    if (errors.includes(undefined)) return undefined;
    // The error inside an object is more specific than its wrong type.
    return errors.at(typeof value === 'object' ? -1 : 0);
  }
  if (schema.const !== undefined && value !== schema.const) return error(`expected ${schema.const}`);
  if (schema.type !== undefined && !hasType(value, schema.type))
    return error(`expected ${article(schema.type)}`);
  if (schema.enum !== undefined && !schema.enum.includes(String(value)))
    return error(`expected one of ${schema.enum.join(', ')}`);
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? value)) return error(`expected at least ${schema.minimum}`);
    if (value > (schema.maximum ?? value)) return error(`expected at most ${schema.maximum}`);
  }
  if (Array.isArray(value)) return errorInItems(value, schema, at);
  return isObject(value) ? errorInMembers(value, schema, at) : undefined;
}

function errorInItems(list: readonly unknown[], { items }: JsonSchema, at: string): string | undefined {
  if (items === undefined) return undefined;
  for (const [index, item] of list.entries()) {
    const error = schemaError(item, items, `${at}[${index}]`);
    if (error !== undefined) return error;
  }
  return undefined;
}

function errorInMembers(
  value: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
  at: string,
): string | undefined {
  const { required = [], properties = {}, additionalProperties } = schema;
  const place = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${place(missing)} is missing`;
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const rule = known ?? additionalProperties ?? true;
    if (rule === false) return `unknown member ${place(name)}`;
    const error = rule === true ? undefined : schemaError(member, rule, place(name));
    if (error !== undefined) return error;
  }
  return undefined;
}

function hasType(value: unknown, type: NonNullable<JsonSchema['type']>): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function article(type: string): string {
  return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}
