import { createRequire } from 'node:module';
import { type Attributes, type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { Conventions } from '../conventions.js';
import { MAX_DETAIL } from '../error/detail.js';
import { type Classification, type ErrorText, fingerprintOf, templateOf } from '../error/index.js';
import { lazy, optionalPackagePath } from '../loading.js';
import { withoutTail } from '../redact/cut.js';
import type { RunRecord } from '../run/run-record.js';
import { guarded, warn } from '../self-diagnostics.js';
import * as semconv from '../semconv.js';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  EVENT_CHATDEBUG_RUN_EXCEPTION,
} from '../semconv.js';
import type { Failure } from '../step/outcome.js';
import { VERSION } from '../version.js';
import { cut } from '../wire/content.js';

/** `LoggerProvider` of `@opentelemetry/api-logs`, declared here because that package is optional. */
export interface LoggerProvider {
  getLogger(name: string, version?: string, options?: { readonly schemaUrl?: string }): Logger;
}

interface Logger {
  emit(record: ExceptionRecord): void;
  /** Since `@opentelemetry/api-logs` 0.216. */
  enabled?(options: EnabledOptions): boolean;
}

interface EnabledOptions {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly context: Context;
}

interface ExceptionRecord extends EnabledOptions {
  readonly severityText: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly attributes: Attributes;
}

/** The exception of a run or step. */
interface WrittenException {
  readonly error: unknown;
  /** Redacted `exception.*` attributes. The error itself is not passed on, since it is not redacted. */
  readonly attributes: Attributes;
  readonly span: Pick<Span, 'spanContext'>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The severity that the conventions give to exceptions of GenAI clients. */
const SEVERITY = { severityNumber: 13, severityText: 'WARN' } as const;

const NO_LOGGER =
  'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN asks for log records, but no logger provider of the application takes them: exceptions stay on their spans';

/**
 * Writes exceptions as log records, with the ids of their span, to the application's logger provider. Source:
 * semantic conventions, "Semantic conventions for exceptions in logs".
 */
export class ExceptionLogs {
  /** For each run, the errors that its steps and child runs have written. */
  readonly #written = new WeakMap<RunRecord, WeakSet<object>>();
  #hasWarned = false;

  /** @param provider the provider that this package received, if any. Without one, the global provider is used. */
  constructor(
    private readonly provider: () => LoggerProvider | undefined,
    private readonly conventions: Conventions,
  ) {}

  /**
   * Writes the exception of a step or run. Skips a run's exception if one of its steps or child runs has written the
   * same error.
   *
   * @returns false if no logger takes it
   */
  write(run: RunRecord, isOfStep: boolean, exception: WrittenException): boolean {
    const { error } = exception;
    if (!isOfStep && isObject(error) && this.#written.get(run)?.has(error)) return true;
    const name = isOfStep ? this.conventions.exceptionEvent : EVENT_CHATDEBUG_RUN_EXCEPTION;
    const isTaken = guarded('an exception could not be written as a log record', false, () =>
      this.#emit(name, exception),
    );
    if (isTaken && isObject(error)) this.#note(run, error);
    if (!isTaken && !this.#hasWarned) warn(NO_LOGGER);
    this.#hasWarned ||= !isTaken;
    return isTaken;
  }

  #emit(eventName: string, { attributes, span, at }: WrittenException): boolean {
    const { schemaUrl } = this.conventions;
    const logger = (this.provider() ?? globalLoggerProvider())?.getLogger(
      'opentelemetry-instrumentation-chatdebug',
      VERSION,
      schemaUrl === undefined ? {} : { schemaUrl },
    );
    const event = { eventName, ...SEVERITY, context: trace.setSpanContext(ROOT_CONTEXT, span.spanContext()) };
    // A logger without `enabled` may be a no-op.
    if (logger?.enabled?.(event) !== true) return false;
    logger.emit({ ...event, timestamp: at, attributes });
    return true;
  }

  #note(run: RunRecord, error: object): void {
    for (let owner: RunRecord | undefined = run; owner !== undefined; owner = owner.parent) {
      const errors = this.#written.get(owner) ?? new WeakSet();
      this.#written.set(owner, errors.add(error));
    }
  }
}

const logsApi = lazy(() => optionalPackagePath('@opentelemetry/api-logs') ?? null);

/** Called for each exception: the application may register its provider later. */
function globalLoggerProvider(): LoggerProvider | undefined {
  const path = logsApi();
  if (path === null) return undefined;
  const { logs } = createRequire(path)(path) as { readonly logs: { getLoggerProvider(): LoggerProvider } };
  return logs.getLoggerProvider();
}

function isObject(error: unknown): error is object {
  return typeof error === 'object' && error !== null;
}

const MESSAGE_LENGTH = 10_000;
const STACK_LENGTH = 20_000;
const MAX_FRAMES = 200;

/**
 * Returns the attributes of an `exception` event, or `undefined` if the thrown value is not an error. Recognizes
 * errors of other realms by their shape and ignores properties that throw. Unless `words` is `full`, the message is
 * the normalized one and the stack has frames only.
 */
export function exceptionAttributes(
  { error, classification }: Failure,
  words: ErrorText,
): Attributes | undefined {
  const message = text(error, 'message');
  const stack = text(error, 'stack');
  if (message === undefined && stack === undefined) return undefined;
  const whole = words === 'full';
  return {
    [ATTR_EXCEPTION_TYPE]: exceptionType(error),
    [ATTR_EXCEPTION_MESSAGE]: whole ? shortened(message, MESSAGE_LENGTH) : detailOf(classification, words),
    [ATTR_EXCEPTION_STACKTRACE]: shortened(whole ? stack : frames(stack, message), STACK_LENGTH),
  };
}

function shortened(words: string | undefined, max: number): string | undefined {
  return words && cut(words, max);
}

/** A V8 stack begins with the message, whose lines may look like frames. */
function frames(stack = '', message = ''): string {
  const at = stack.indexOf(message);
  const lines = stack.slice(at < 0 ? 0 : at + message.length).split('\n', MAX_FRAMES);
  return lines.filter((line) => line.startsWith('    at ')).join('\n');
}

/** Many SDKs leave `name` at `Error`: the class name is more specific. */
function exceptionType(error: unknown): string | undefined {
  const name = text(error, 'name');
  if (name !== undefined && name !== 'Error') return name;
  try {
    return (error as Error).constructor.name || name;
  } catch {
    return name;
  }
}

function text(error: unknown, property: 'name' | 'message' | 'stack'): string | undefined {
  try {
    const value: unknown = (error as Record<string, unknown>)[property];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A detail of this length was truncated, possibly inside a key. */
const CUT_LENGTH = MAX_DETAIL - 1;

/** Returns the attributes of the normalized error of a run or step, except `error.type`. */
export function errorAttributes(error: Classification, words: ErrorText): Attributes {
  return {
    [semconv.ATTR_CHATDEBUG_ERROR_KIND]: error.kind,
    [semconv.ATTR_CHATDEBUG_ERROR_FINGERPRINT]: fingerprintOf(error),
    [semconv.ATTR_CHATDEBUG_ERROR_MESSAGE]: error.message,
    [semconv.ATTR_CHATDEBUG_ERROR_DETAIL]: detailOf(error, words),
    [semconv.ATTR_CHATDEBUG_ERROR_RETRYABLE]: error.retryable,
    [semconv.ATTR_CHATDEBUG_ERROR_RETRY_AFTER_MS]: error.retryAfterMillis,
    [semconv.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS]: error.statusCode,
    [semconv.ATTR_CHATDEBUG_ERROR_EXCEPTION_TYPE]: error.exceptionType,
    [semconv.ATTR_CHATDEBUG_ERROR_REQUEST_ID]: error.requestId,
  };
}

/** Returns the error's detail as far as `words` allows. */
export function detailOf({ detail }: Classification, words: ErrorText): string | undefined {
  if (detail === undefined || words === 'none') return undefined;
  const read = detail.length < CUT_LENGTH ? detail : withoutTail(detail);
  return words === 'full' ? read : templateOf(read);
}

/** Returns the description of a span's error status: kind and detail. */
export function statusDescription(error: Classification, words: ErrorText): string {
  const detail = detailOf(error, words);
  return detail === undefined || detail === '' ? error.kind : `${error.kind}: ${detail}`;
}
