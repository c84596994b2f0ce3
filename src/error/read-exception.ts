import { attachedBelow } from './attach.js';
import { GRPC_CODES } from './codes.js';
import { Findings } from './findings.js';
import { followBody, readBody, readBodyText } from './read-body.js';
import { templateOf } from './template.js';
import { bounded, MAX_TEXT } from './text.js';
import type { Evidence } from './types.js';
import {
  errorStatus,
  headerReader,
  isObject,
  JAVASCRIPT_ERRORS,
  REQUEST_ID_HEADERS,
  read,
} from './values.js';

/** A chain this long has said what it has to say; one without an end must end somewhere. */
const MAX_NODES = 48;
const MAX_ERRORS = 16;
/** Types that do not say which error it is. */
const SAYS_NOTHING = /^(?:error|response[._]\w+|system)$/;
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]*$/;
const REQUEST_ID_FIELDS = ['requestID', 'requestId', 'request_id'];

/**
 * Exceptions whose message quotes the model's output or the application's code: "Cannot read properties of
 * undefined (reading 'timeout')" is no timeout. Their words are no evidence of what the provider did.
 */
const NOT_OF_THE_PROVIDER: ReadonlySet<string> = new Set([
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

/** Exceptions of this package that say how a model finished. Their code is the provider's; their words are not. */
const OF_AN_ANSWER: ReadonlySet<string> = new Set([
  'EmptyAnswerError',
  'FailedFinishError',
  'RefusedContentError',
  'UnexpectedAnswerError',
]);

/** Exceptions whose message holds a piece of what the model wrote, whatever it says. */
const QUOTING: ReadonlySet<string> = new Set([
  'SyntaxError',
  'AI_InvalidResponseDataError',
  'AI_InvalidToolInputError',
  'AI_JSONParseError',
  'AI_ToolCallRepairError',
  'AI_TypeValidationError',
]);

/** What fetch and the SDKs call a connection that failed; the reason is in the cause, if there is one. */
const CONNECTION_FAILED: ReadonlySet<string> = new Set([
  'connection error.',
  'failed to fetch',
  'fetch failed',
  'load failed',
  'network error',
  'terminated',
]);

/** Exceptions that make up a status where there was no response; the real one is in their cause. */
const INVENTS_STATUS: ReadonlySet<string> = new Set(['GatewayResponseError', 'GatewayTimeoutError']);

/**
 * Collects what an error, its causes, its response and its body say, outermost first, each object once.
 * Takes any value; never throws; looks at no more than 64 KiB of text and 48 objects.
 */
export function gatherEvidence(error: unknown): Evidence {
  const findings = new Findings();
  follow(error, findings);
  let taken = 0;
  for (let next = findings.next(); next !== undefined && taken < MAX_NODES; next = findings.next()) {
    taken += 1;
    try {
      next.reader(next.node, findings);
    } catch {
      // A Proxy that throws where a getter cannot: what was read of it before stands.
    }
  }
  if (findings.attached === undefined && taken === MAX_NODES && isObject(error)) {
    findings.attached = attachedBelow(error);
  }
  return findings.settle();
}

/** Has an exception read, or takes the text that was thrown in its place. */
function follow(error: unknown, findings: Findings): void {
  if (typeof error === 'string') findings.follow(findings.say(error, true), readBody);
  else findings.follow(error, readException);
}

/** Reads an exception, or whatever was thrown in its place; SDKs' own errors and plain objects alike. */
function readException(error: object, findings: Findings): void {
  const name = nameOf(error);
  const cause = read(error, 'cause');
  const code = read(error, 'code');
  findings.exceptionType ??= name;
  // Node's AbortError carries the reason of the abort as its cause; where that is an error, it is the answer.
  const isWrapper = isObject(cause) && (name === 'AbortError' || code === 'ABORT_ERR');
  if (!isWrapper) {
    readNames(error, name, code, findings);
    readMessage(error, name, isObject(cause), findings);
  }
  followErrors(error, findings);
  if (name === undefined || !INVENTS_STATUS.has(name)) readStatus(error, findings);
  readHttp(error, findings);
  follow(cause, findings);
}

function readNames(error: object, name: string | undefined, code: unknown, findings: Findings): void {
  // DOMException's legacy code, which tells AbortSignal.timeout from other people's TimeoutError.
  findings.code(name === 'TimeoutError' && code === 23 ? 'timeouterror 23' : name);
  const given = findings.code(code);
  const type = findings.code(read(error, 'type'));
  if (name !== undefined && OF_AN_ANSWER.has(name)) findings.called(given);
  else if (given !== undefined && SYSTEM_CODE.test(given)) findings.systemCode ??= given;
  else if (given !== undefined || (type !== undefined && !SAYS_NOTHING.test(type)))
    findings.called(given, type);
  // The AWS SDK has its codes in the name.
  else if (isObject(read(error, '$metadata'))) findings.called(name);
  // LangChain's, beside those of the SDK that it has called.
  findings.code(read(error, 'lc_error_code'));
  if (isObject(read(error, 'metadata'))) findings.called(findings.code(GRPC_CODES.get(code)));
}

function readMessage(error: object, name: string | undefined, hasCause: boolean, findings: Findings): void {
  const message = read(error, 'message');
  if (typeof message !== 'string' || message === '') return;
  if (message.length < 20 && CONNECTION_FAILED.has(message.toLowerCase()) && !hasCause) {
    findings.code('connection failed');
  }
  const isEvidence = name === undefined || !(NOT_OF_THE_PROVIDER.has(name) || OF_AN_ANSWER.has(name));
  const isQuoting = name !== undefined && QUOTING.has(name);
  findings.follow(findings.say(isQuoting ? templateOf(bounded(message)) : message, isEvidence), readBody);
}

function followErrors(error: object, findings: Findings): void {
  const wrapped = read(error, 'error');
  if (isObject(wrapped) && isException(wrapped)) findings.follow(wrapped, readException);
  // Of an AI SDK RetryError the last one counts: it is what the earlier ones have come to.
  const last = read(error, 'lastError');
  const errors = isObject(last) ? [last] : read(error, 'errors');
  if (!Array.isArray(errors)) return;
  for (const one of errors.slice(0, MAX_ERRORS)) follow(one, findings);
}

/** `error.name`, or the name of its class where that says more: the OpenAI SDK leaves `name` at `Error`. */
function nameOf(error: object): string | undefined {
  const name = read(error, 'name');
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
  const itsClass = read(error, 'constructor');
  const className = typeof itsClass === 'function' ? read(itsClass, 'name') : undefined;
  return typeof className === 'string' && className !== '' && className !== 'Object' ? className : undefined;
}

/** By its tag: an exception of another realm is no instance of ours. */
function isException(value: object): boolean {
  try {
    return /Error|DOMException/.test(Object.prototype.toString.call(value));
  } catch {
    return false;
  }
}

/** Reads a response that an exception carries. */
function readResponse(response: object, findings: Findings): void {
  readStatus(response, findings);
  readHttp(response, findings);
}

/** Reads what an exception or a response holds of an HTTP exchange, but for the status. */
function readHttp(holder: object, findings: Findings): void {
  readHeaders(holder, findings);
  readRequestId(holder, findings);
  const url = read(holder, 'url');
  if (typeof url === 'string') findings.url ??= url;
  readBodies(holder, findings);
  for (const key of ['response', '$response']) findings.follow(read(holder, key), readResponse);
}

function readStatus(holder: object, findings: Findings): void {
  findings.code(read(holder, 'status'));
  findings.status(read(holder, 'statusCode'));
  findings.status(read(metadataOf(holder), 'httpStatusCode'));
}

/** Where the AWS SDK keeps it. */
function metadataOf(holder: object): object {
  const metadata = read(holder, '$metadata');
  return isObject(metadata) ? metadata : {};
}

function readHeaders(holder: object, findings: Findings): void {
  const header = headerReader(read(holder, 'headers')) ?? headerReader(read(holder, 'responseHeaders'));
  if (header === undefined) return;
  findings.headers ??= header;
  findings.called(findings.code(header('x-amzn-errortype')));
}

function readRequestId(holder: object, findings: Findings): void {
  for (const field of REQUEST_ID_FIELDS) findings.request(read(holder, field));
  findings.request(read(metadataOf(holder), 'requestId'));
  const { headers } = findings;
  if (headers === undefined) return;
  for (const name of REQUEST_ID_HEADERS) findings.request(headers(name));
}

/** A body that is no JSON is told only of a failure: that of a success is what the model wrote. */
function readBodies(holder: object, findings: Findings): void {
  followBody(read(holder, 'error'), findings);
  for (const key of ['responseBody', 'body', 'data']) {
    const body = read(holder, key);
    if (isObject(body)) findings.follow(body, readBody);
    if (typeof body !== 'string' || body === '' || body.length > MAX_TEXT) continue;
    if (/^\s{0,20}[{[]/.test(body) || isFailure(holder)) readBodyText(body, findings);
    return;
  }
}

function isFailure(holder: object): boolean {
  return (errorStatus(read(holder, 'status')) ?? errorStatus(read(holder, 'statusCode'))) !== undefined;
}
