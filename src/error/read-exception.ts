import { GRPC_CODES } from './codes.js';
import { templateOf } from './detail.js';
import { attachedInCauses, EvidenceCollector } from './evidence.js';
import type { Evidence } from './kinds.js';
import { followBody, readBody, readBodyText } from './read-body.js';
import { MAX_TEXT, truncated } from './text.js';
import {
  errorStatus,
  headerReader,
  isObject,
  JAVASCRIPT_ERRORS,
  REQUEST_ID_HEADERS,
  read,
} from './values.js';

/** Bounds cause chains, which may be circular or infinite. */
const MAX_NODES = 48;
const MAX_ERRORS = 16;
/** Types without information about the error. */
const UNINFORMATIVE_TYPE = /^(?:error|response[._]\w+|system)$/;
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]*$/;
const REQUEST_ID_FIELDS = ['requestID', 'requestId', 'request_id'];

/**
 * Exceptions whose message quotes model output or application code and is therefore not evidence: "Cannot read
 * properties of undefined (reading 'timeout')" is not a timeout.
 */
const NOT_EVIDENCE: ReadonlySet<string> = new Set([
  ...JAVASCRIPT_ERRORS,
  'AI_InvalidArgumentError',
  'AI_InvalidPromptError',
  'AI_InvalidToolInputError',
  'AI_JSONParseError',
  'AI_NoObjectGeneratedError',
  'AI_NoSuchToolError',
  'AI_ToolCallRepairError',
  'AI_TypeValidationError',
  'AI_UnsupportedFunctionalityError',
]);

/** Exceptions of this package for responses without an answer. Their code is the provider's, their message is not. */
const ANSWER_ERRORS: ReadonlySet<string> = new Set([
  'EmptyAnswerError',
  'FailedFinishError',
  'RefusedContentError',
  'UnexpectedAnswerError',
]);

/** Exceptions whose message contains model output. */
const QUOTES_CONTENT: ReadonlySet<string> = new Set([
  'SyntaxError',
  'AI_InvalidResponseDataError',
  'AI_InvalidToolInputError',
  'AI_JSONParseError',
  'AI_ToolCallRepairError',
  'AI_TypeValidationError',
]);

/** Messages of `fetch` and the SDKs for a failed connection. The cause holds the reason, if there is one. */
const CONNECTION_FAILED: ReadonlySet<string> = new Set([
  'connection error.',
  // Deno, in the middle of a body
  'error reading a body from connection',
  'failed to fetch',
  'fetch failed',
  'load failed',
  'network error',
  'terminated',
]);

/** Exceptions that set a status although there was no response. Their cause holds the actual error. */
const INVENTS_STATUS: ReadonlySet<string> = new Set(['GatewayResponseError', 'GatewayTimeoutError']);

/**
 * Collects the evidence of an error, its causes, its response and its body, outermost first. Reads each object once,
 * at most 64 KiB of text and 48 objects. Takes any value; never throws.
 */
export function gatherEvidence(error: unknown): Evidence {
  const evidence = new EvidenceCollector();
  follow(error, evidence);
  let taken = 0;
  for (let next = evidence.next(); next !== undefined && taken < MAX_NODES; next = evidence.next()) {
    taken += 1;
    try {
      next.reader(next.node, evidence);
    } catch {
      // A Proxy may throw. Evidence collected so far is kept.
    }
  }
  if (evidence.attached === undefined && taken === MAX_NODES && isObject(error)) {
    evidence.attached = attachedInCauses(error);
  }
  return evidence.build();
}

function follow(error: unknown, evidence: EvidenceCollector): void {
  if (typeof error === 'string') evidence.enqueue(evidence.addMessage(error, true), readBody);
  else evidence.enqueue(error, readException);
}

function readException(error: object, evidence: EvidenceCollector): void {
  const name = nameOf(error);
  const cause = read(error, 'cause');
  const code = read(error, 'code');
  evidence.exceptionType ??= name;
  // The cause of Node's AbortError is the reason of the abort. If that is an error, only the cause counts.
  const isWrapper = isObject(cause) && (name === 'AbortError' || code === 'ABORT_ERR');
  if (!isWrapper) {
    readNames(error, name, code, evidence);
    readMessage(error, name, isObject(cause), evidence);
  }
  followErrors(error, evidence);
  if (name === undefined || !INVENTS_STATUS.has(name)) readStatus(error, evidence);
  readHttp(error, evidence);
  follow(cause, evidence);
}

function readNames(
  error: object,
  name: string | undefined,
  code: unknown,
  evidence: EvidenceCollector,
): void {
  // The legacy code of DOMException distinguishes AbortSignal.timeout() from other TimeoutErrors.
  evidence.addCode(name === 'TimeoutError' && code === 23 ? 'timeouterror 23' : name);
  const given = evidence.addCode(code);
  const type = evidence.addCode(read(error, 'type'));
  if (name !== undefined && ANSWER_ERRORS.has(name)) evidence.addProviderCodes(given);
  else if (given !== undefined && SYSTEM_CODE.test(given)) evidence.systemCode ??= given;
  else if (given !== undefined || (type !== undefined && !UNINFORMATIVE_TYPE.test(type)))
    evidence.addProviderCodes(given, type);
  // The AWS SDK uses the code as the name.
  else if (isObject(read(error, '$metadata'))) evidence.addProviderCodes(name);
  // LangChain adds its own code to the SDK's.
  evidence.addCode(read(error, 'lc_error_code'));
  if (isObject(read(error, 'metadata'))) evidence.addProviderCodes(evidence.addCode(GRPC_CODES.get(code)));
}

function readMessage(
  error: object,
  name: string | undefined,
  hasCause: boolean,
  evidence: EvidenceCollector,
): void {
  const message = read(error, 'message');
  if (typeof message !== 'string' || message === '') return;
  if (message.length < 40 && CONNECTION_FAILED.has(message.toLowerCase()) && !hasCause) {
    evidence.addCode('connection failed');
  }
  const isEvidence = name === undefined || !(NOT_EVIDENCE.has(name) || ANSWER_ERRORS.has(name));
  const isQuoting = name !== undefined && QUOTES_CONTENT.has(name);
  evidence.enqueue(
    evidence.addMessage(isQuoting ? templateOf(truncated(message)) : message, isEvidence),
    readBody,
  );
}

function followErrors(error: object, evidence: EvidenceCollector): void {
  const wrapped = read(error, 'error');
  if (isObject(wrapped) && isException(wrapped)) evidence.enqueue(wrapped, readException);
  // An AI SDK RetryError is classified by its last error.
  const last = read(error, 'lastError');
  const errors = isObject(last) ? [last] : read(error, 'errors');
  if (!Array.isArray(errors)) return;
  for (const one of errors.slice(0, MAX_ERRORS)) follow(one, evidence);
}

/** `error.name`, or the name of the class if that is more specific: the OpenAI SDK leaves `name` at `Error`. */
function nameOf(error: object): string | undefined {
  const name = read(error, 'name');
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
  const itsClass = read(error, 'constructor');
  const className = typeof itsClass === 'function' ? read(itsClass, 'name') : undefined;
  return typeof className === 'string' && className !== '' && className !== 'Object' ? className : undefined;
}

/** By its tag, since an exception of another realm is not an `instanceof Error`. */
function isException(value: object): boolean {
  try {
    return /Error|DOMException/.test(Object.prototype.toString.call(value));
  } catch {
    return false;
  }
}

function readResponse(response: object, evidence: EvidenceCollector): void {
  readStatus(response, evidence);
  readHttp(response, evidence);
}

/** Reads the headers, request id, URL and body of an exception or a response. */
function readHttp(holder: object, evidence: EvidenceCollector): void {
  readHeaders(holder, evidence);
  readRequestId(holder, evidence);
  const url = read(holder, 'url');
  if (typeof url === 'string') evidence.url ??= url;
  readBodies(holder, evidence);
  for (const key of ['response', '$response']) evidence.enqueue(read(holder, key), readResponse);
}

function readStatus(holder: object, evidence: EvidenceCollector): void {
  evidence.addCode(read(holder, 'status'));
  evidence.addStatus(read(holder, 'statusCode'));
  evidence.addStatus(read(metadataOf(holder), 'httpStatusCode'));
}

/** The metadata of the AWS SDK. */
function metadataOf(holder: object): object {
  const metadata = read(holder, '$metadata');
  return isObject(metadata) ? metadata : {};
}

function readHeaders(holder: object, evidence: EvidenceCollector): void {
  const header = headerReader(read(holder, 'headers')) ?? headerReader(read(holder, 'responseHeaders'));
  if (header === undefined) return;
  evidence.headers ??= header;
  evidence.addProviderCodes(evidence.addCode(header('x-amzn-errortype')));
}

function readRequestId(holder: object, evidence: EvidenceCollector): void {
  for (const field of REQUEST_ID_FIELDS) evidence.addRequestId(read(holder, field));
  evidence.addRequestId(read(metadataOf(holder), 'requestId'));
  const { headers } = evidence;
  if (headers === undefined) return;
  for (const name of REQUEST_ID_HEADERS) evidence.addRequestId(headers(name));
}

/** A body that is not JSON is read only for a failed status. For a success it is model output. */
function readBodies(holder: object, evidence: EvidenceCollector): void {
  followBody(read(holder, 'error'), evidence);
  for (const key of ['responseBody', 'body', 'data']) {
    const body = read(holder, key);
    if (isObject(body)) evidence.enqueue(body, readBody);
    if (typeof body !== 'string' || body === '' || body.length > MAX_TEXT) continue;
    if (/^\s{0,20}[{[]/.test(body) || isFailure(holder)) readBodyText(body, evidence);
    return;
  }
}

function isFailure(holder: object): boolean {
  return (errorStatus(read(holder, 'status')) ?? errorStatus(read(holder, 'statusCode'))) !== undefined;
}
