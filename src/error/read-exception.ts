import type { Findings } from './findings.js';
import { inventsStatus, isAboutTheProvider, saysConnectionFailed, tellable } from './own-words.js';
import { isObject, read } from './read.js';
import { readBody } from './read-body.js';
import { readHttp, readStatus } from './read-http.js';

const MAX_ERRORS = 16;
/** Types that do not say which error it is. */
const SAYS_NOTHING = /^(?:error|response_error|system)$/;
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]*$/;

/** Has an exception read, or takes the text that was thrown in its place. */
export function follow(error: unknown, findings: Findings): void {
  if (typeof error === 'string') findings.follow(findings.say(error, true).json, readBody);
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
  if (!inventsStatus(name)) readStatus(error, findings);
  readHttp(error, findings);
  follow(cause, findings);
}

function readNames(error: object, name: string | undefined, code: unknown, findings: Findings): void {
  // DOMException's legacy code, which tells AbortSignal.timeout from other people's TimeoutError.
  findings.code(name === 'TimeoutError' && code === 23 ? 'timeouterror 23' : name);
  const given = findings.code(code);
  const type = findings.code(read(error, 'type'));
  if (given !== undefined && SYSTEM_CODE.test(given)) findings.systemCode ??= given;
  else if (given !== undefined || (type !== undefined && !SAYS_NOTHING.test(type)))
    findings.called(given, type);
  // The AWS SDK has its codes in the name.
  else if (isObject(read(error, '$metadata'))) findings.called(name);
}

function readMessage(error: object, name: string | undefined, hasCause: boolean, findings: Findings): void {
  const message = read(error, 'message');
  if (typeof message !== 'string' || message === '') return;
  if (saysConnectionFailed(message) && !hasCause) findings.code('connection failed');
  const { json } = findings.say(tellable(name, message), isAboutTheProvider(name));
  findings.follow(json, readBody);
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
