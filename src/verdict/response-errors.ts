import { attachClassification } from '../error/index.js';
import { asList, asObject, asText, type JsonObject } from '../wire/json/json.js';

/** The response ended, but its body is incomplete. */
export class IncompleteBodyError extends Error {
  override readonly name = 'IncompleteBodyError';
}

/** The stream ended cleanly, but without its terminal event and without a finish reason. */
export class StreamEndedEarlyError extends Error {
  override readonly name = 'StreamEndedEarlyError';

  constructor(lastEvent: string | undefined) {
    super(`stream closed before its terminal event${lastEvent === undefined ? '' : ` (last: ${lastEvent})`}`);
  }
}

/** The response is a web page, for example of a proxy, a gateway or a login. */
export class WebPageError extends Error {
  override readonly name = 'WebPageError';

  constructor() {
    super('the response is a web page');
  }
}

/** A successful response without an answer. */
export class EmptyAnswerError extends Error {
  override readonly name = 'EmptyAnswerError';
}

/** A successful response that is not in the format of a model API. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';

  constructor(firstLine: string | undefined) {
    super(
      firstLine === undefined
        ? 'the response is not a model response'
        : `the response is text: "${firstLine}"`,
    );
  }
}

/** The provider refused the content of the prompt or the answer, by the finish reason. */
export class RefusedContentError extends Error {
  override readonly name = 'RefusedContentError';

  constructor(readonly code: string) {
    super(`the provider refused the content: ${code}`);
  }
}

/** The answer failed, by the finish reason. */
export class FailedFinishError extends Error {
  override readonly name = 'FailedFinishError';

  constructor(readonly code: string) {
    super(`the answer ended with the finish reason ${code}`);
  }
}

/** The request was aborted after the provider had sent nothing for `stallMillis`. */
export class StreamSilenceError extends Error {
  override readonly name = 'StreamSilenceError';

  constructor() {
    super('aborted after the provider sent nothing for stallMillis');
    attachClassification(this, { kind: 'stream_silence_timeout' });
  }
}

/** An error reported in a response body, or a finish reason that means a failure. */
export type Fault =
  | { readonly type: 'error'; readonly body: unknown }
  | { readonly type: 'refused' | 'failed'; readonly reason: string };

/** Members of an error object that may be recorded. Other members may hold part of the answer. */
const ERROR_MEMBERS = [
  'type',
  'code',
  'message',
  'msg',
  'detail',
  'title',
  'status',
  'statusCode',
  'error_code',
  'error_msg',
  'error_message',
  'error_type',
  'error_description',
  'request_id',
  'base_resp',
] as const;

export function errorFault(
  value: JsonObject,
  event: string | undefined,
  isAnswer: boolean,
): Fault | undefined {
  const error =
    definedError(value['error']) ??
    errorOfChoice(asList(value['choices'])) ??
    definedError(asObject(value['x_groq'])?.['error']);
  if (error !== undefined) return { type: 'error', body: { ...errorMembers(value, isAnswer), error } };
  const isNamedError =
    isErrorName(event) || isErrorName(asText(value['type'])) || value['object'] === 'error';
  if (isNamedError || (!isAnswer && isErrorObject(value))) {
    const errors = asList(value['errors']);
    const body = { ...errorMembers(value, false), ...(errors.length > 0 && { errors }) };
    return { type: 'error', body: Object.keys(body).length > 0 ? body : { error: event ?? 'error' } };
  }
  return undefined;
}

/** `error` itself, and names such as `server_error` and `thread.error`. */
function isErrorName(name: string | undefined): boolean {
  return name !== undefined && name.length <= 64 && /(?:^|[._-])(?:error|exception)$/i.test(name);
}

/**
 * Whether a value without an `error` member is an error: it has a failed status, or a message instead of an answer.
 */
function isErrorObject(value: JsonObject): boolean {
  if (value['success'] === false || value['status'] === 'error' || value['status'] === 'failed') return true;
  if (asList(value['errors']).length > 0 || isFailedBaseResponse(value['base_resp'])) return true;
  if (definedError(value['detail']) !== undefined || definedError(value['error_msg']) !== undefined)
    return true;
  const codes = ['status', 'statusCode', 'status_code', 'code', 'error_code'].map((name) => value[name]);
  return hasErrorMessage(value) && codes.some(isFailedCode);
}

export function hasErrorMessage(value: JsonObject): boolean {
  return ['message', 'msg', 'title', 'error_message'].some((name) => typeof value[name] === 'string');
}

function isFailedCode(code: unknown): boolean {
  if (typeof code === 'number') return code >= 400;
  return typeof code === 'string' && code !== '' && !/^(?:0|1?\d\d|2\d\d|3\d\d|ok|success)$/i.test(code);
}

function isFailedBaseResponse(value: unknown): boolean {
  const code = asObject(value)?.['status_code'];
  return typeof code === 'number' && code !== 0;
}

export function errorMembers(value: JsonObject, isAnswer: boolean): Record<string, unknown> {
  const members = isAnswer ? (['request_id'] as const) : ERROR_MEMBERS;
  return Object.fromEntries(
    members.flatMap((name) => (Object.hasOwn(value, name) ? [[name, value[name]]] : [])),
  );
}

function errorOfChoice(choices: readonly unknown[]): unknown {
  for (const choice of choices) {
    const error = definedError(asObject(choice)?.['error']);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Returns `undefined` for values that mean "no error": null, false, 0, an empty string, list or object. */
export function definedError(value: unknown): unknown {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value !== 'object' || value === null) return value === true ? value : undefined;
  const members: readonly unknown[] = Object.values(value);
  return members.some((member) => member !== null && member !== '' && member !== 0 && member !== false)
    ? value
    : undefined;
}
