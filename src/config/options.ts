import type { SpanExporter } from '../delivery/options.js';
import type { ErrorKindName, ErrorText } from '../error/index.js';
import type { Redact } from '../redact/text.js';
import type { FailureContentChoice, OnKeep } from '../run/on-keep.js';
import type { RecordUnknown, RunFor } from '../run/request-hooks.js';
import type { CaptureFor } from '../run/run-options.js';
import type { Decide, Retain } from '../sampling/error-kind-sampler.js';
import type { Capture } from '../types.js';
import type { WireFormatName } from '../wire/format.js';
import type { OwnFormat } from '../wire/reading/own-format.js';

export type PipelineChoice = 'own' | 'app';

export type RawBodies = 'all' | 'failed' | 'none';

export type AttemptsAs = 'events' | 'spans' | 'both';

/**
 * Options of `startChatDebug` and `ChatDebugInstrumentation`. All are optional. An option takes precedence over its
 * environment variable.
 *
 * docs/options.md is generated from these docstrings and headings (`test/docs/options.test.ts`).
 */
export interface ChatDebugOptions {
  // Capture

  /**
   * What to record of a run that does not set its own `capture`. Variable: `CHATDEBUG_CAPTURE`. Default: `errors`.
   */
  readonly capture?: Capture | undefined;
  /**
   * A function that chooses the capture for a chat or a user. It is called when a run starts and at each of its steps.
   */
  readonly captureFor?: CaptureFor | undefined;
  /**
   * Whether full capture includes what users and models wrote: messages, answers, bodies, the first message and error
   * texts. Variable: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`. Default: true.
   */
  readonly captureContent?: boolean | undefined;
  /**
   * The attempts whose request and response bodies full capture writes: `all`, `failed` only, or `none`. The step has
   * the parsed request and response of a known format in any case. Variable: `CHATDEBUG_RAW_BODIES`. Default: `all`.
   */
  readonly rawBodies?: RawBodies | undefined;
  /**
   * Whether a kept run in errors mode includes the redacted content of its failing calls: all that full capture records
   * of a call. A function decides by run and error, and may return a promise. With `ask`, the return value of `onKeep`
   * decides. Never includes successful calls or errors of kind `auth` and `missing_key`. See [content of failing
   * calls](capture.md#content-of-failing-calls). Variable: `CHATDEBUG_FAILURE_CONTENT`. Default: false.
   */
  readonly failureContent?: FailureContentChoice | undefined;
  /**
   * How to write attempts: as `events` on the step span, as child `spans` that follow the HTTP conventions and appear
   * in any waterfall, or as `both`. Variable: `CHATDEBUG_ATTEMPTS_AS`. Default: `events`.
   */
  readonly attemptsAs?: AttemptsAs | undefined;
  /**
   * How to write error messages in errors mode: as a `template`, in which quotations and other possible content are
   * replaced by their length, in `full`, redacted, or not at all (`none`). Variable: `CHATDEBUG_ERROR_TEXT`.
   * Default: `template`.
   */
  readonly errorText?: ErrorText | undefined;
  /**
   * The wire formats whose requests open a step where none is active, and a run where none is active. An empty list
   * disables this. Variable: `CHATDEBUG_OPEN_STEPS`. Default: `all`.
   */
  readonly openSteps?: readonly WireFormatName[] | undefined;
  /**
   * Custom model endpoints, such as a gateway or an in-house model. Their requests open steps like those of a known
   * format, regardless of `openSteps`. See [custom formats](formats.md).
   */
  readonly formats?: readonly OwnFormat[] | undefined;
  /**
   * A function that decides whether a request of unknown format inside a run is recorded as a step. The request is not
   * recorded if its response is neither JSON nor an event stream.
   */
  readonly recordUnknown?: RecordUnknown | undefined;
  /** A function that returns the run options for a request made outside any run. */
  readonly runFor?: RunFor | undefined;
  /**
   * Whether token metrics include calls in errors mode. Requires a meter provider. The reported usage is read after the
   * call has ended. Nothing else of the response is read or kept. Variable: `CHATDEBUG_USAGE_METRICS`. Default: false.
   */
  readonly usageMetrics?: boolean | undefined;
  /**
   * Whether the time between two chunks of a streamed response is a metric: one measurement for each chunk, after the
   * call has ended. Requires a meter provider. Variable: `CHATDEBUG_CHUNK_METRICS`. Default: false.
   */
  readonly chunkMetrics?: boolean | undefined;

  // Retention

  /**
   * The error kinds for which errors mode keeps a run. `generic` is the kind of unclassified errors. The variable is
   * comma-separated. Variable: `CHATDEBUG_KEEP_KINDS`. Default: `generic`.
   */
  readonly keepKinds?: readonly ErrorKindName[] | undefined;
  /**
   * The number of runs per minute that errors mode keeps for one error fingerprint. Beyond it, one in 10 runs is kept,
   * then one in 100, then one in 1,000. Each records the number of runs it represents.
   * Variable: `CHATDEBUG_KEEP_PER_FINGERPRINT`. Default: 30.
   */
  readonly keepPerFingerprint?: number | undefined;
  /**
   * The same number for all fingerprints together. The first run of each fingerprint is always kept.
   * Variable: `CHATDEBUG_KEEP_PER_MINUTE`. Default: 300.
   */
  readonly keepPerMinute?: number | undefined;
  /**
   * A function called at the first error of a run that is of a kind to keep, whether or not the budget keeps the run.
   * With `failureContent: 'ask'`, its return value decides whether the content of the failing calls is written.
   */
  readonly onKeep?: OnKeep | undefined;
  /**
   * What to write of a kept run in errors mode: its `failing` steps, or all steps of the `run`.
   * Variable: `CHATDEBUG_RETAIN`. Default: `failing`.
   */
  readonly retain?: Retain | undefined;
  /**
   * Where runs are dropped in errors mode: in this `process`, or by the tail sampling of a `collector`, which receives
   * every run in full at its end. Variable: `CHATDEBUG_DECIDE`. Default: `process`.
   */
  readonly decide?: Decide | undefined;

  // Export

  /**
   * The pipeline for the spans: the package's `own`, or that of the `app`, whose sampler should then be an
   * `ErrorKindSampler`. Cloudflare Workers require `app`. Variable: `CHATDEBUG_PIPELINE`. Default: `own`.
   */
  readonly pipeline?: PipelineChoice | undefined;
  /**
   * The span exporter. The default is the exporter of `@opentelemetry/exporter-trace-otlp-http`, configured by the
   * `OTEL_EXPORTER_OTLP_*` variables. Default: `OTLPTraceExporter`.
   */
  readonly exporter?: SpanExporter | undefined;
  /** The `service.name` of the spans. Default: `OTEL_SERVICE_NAME`, else OpenTelemetry's default name. */
  readonly serviceName?: string | undefined;
  /**
   * Maximum number of spans in the delivery queue, including those being exported. Beyond it, the oldest spans are
   * dropped. Variable: `CHATDEBUG_MAX_QUEUE_SPANS`. Default: 10,000.
   */
  readonly maxQueueSpans?: number | undefined;
  /**
   * Maximum estimated size of the delivery queue, in bytes. Beyond it, the oldest spans are dropped.
   * Variable: `CHATDEBUG_MAX_QUEUE_BYTES`. Default: 67,108,864 (64 MiB).
   */
  readonly maxQueueBytes?: number | undefined;
  /**
   * Maximum time that process exit is delayed to deliver kept spans, in milliseconds. With 0, exit is not delayed.
   * Variable: `CHATDEBUG_EXIT_TIMEOUT_MILLIS`. Default: 2,000.
   */
  readonly exitTimeoutMillis?: number | undefined;
  /**
   * Maximum duration of `shutdown()`, in milliseconds. Variable: `CHATDEBUG_SHUTDOWN_TIMEOUT_MILLIS`. Default: 5,000.
   */
  readonly shutdownTimeoutMillis?: number | undefined;

  /**
   * A directory for kept spans that are not yet delivered, so that they survive a crash. The next process with the same
   * directory exports them. Several processes may share the directory. It is created if it does not exist. A relative
   * path is resolved against the current directory. No effect with `pipeline: 'app'`.
   * Variable: `CHATDEBUG_SPOOL_DIRECTORY`. Default: none.
   */
  readonly spoolDirectory?: string | undefined;
  /**
   * Maximum size of one process's files in `spoolDirectory`, in bytes. Beyond it, the oldest spans are dropped.
   * Variable: `CHATDEBUG_SPOOL_MAX_BYTES`. Default: 67,108,864 (64 MiB).
   */
  readonly spoolMaxBytes?: number | undefined;
  /**
   * Maximum age of a span that exists only in `spoolDirectory`, in milliseconds. Older spans are dropped.
   * Variable: `CHATDEBUG_SPOOL_MAX_AGE_MILLIS`. Default: 86,400,000 (24 hours).
   */
  readonly spoolMaxAgeMillis?: number | undefined;

  // Limits

  /**
   * Maximum size of each request body and each response body in the content of a failing call, in bytes. A longer event
   * stream keeps its beginning and its end, half of the limit each. Variable: `CHATDEBUG_FAILURE_CONTENT_BYTES`.
   * Default: 65,536 (64 KiB).
   */
  readonly failureContentBytes?: number | undefined;
  /**
   * Maximum size of each request body and each response body in full capture, in bytes after content decoding.
   * Variable: `CHATDEBUG_MAX_BODY_BYTES`. Default: 50,000.
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Maximum size of the bodies that one run holds in memory, in bytes. Beyond it, bodies are truncated.
   * Variable: `CHATDEBUG_MAX_RUN_BYTES`. Default: 10,000,000.
   */
  readonly maxRunBytes?: number | undefined;
  /**
   * Maximum size of the bodies that all runs hold in memory, in bytes. Beyond it, bodies are truncated.
   * Variable: `CHATDEBUG_MAX_BYTES`. Default: 50,000,000.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Maximum number of recorded attempts per step. Beyond it, attempts in the middle are dropped and counted.
   * Variable: `CHATDEBUG_MAX_ATTEMPTS`. Default: 100.
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Maximum number of ended steps held for an undecided run (`retain: 'run'` or `decide: 'collector'`). Beyond it, the
   * oldest steps are dropped. Variable: `CHATDEBUG_MAX_STEPS`. Default: 1,000.
   */
  readonly maxSteps?: number | undefined;
  /**
   * Maximum number of live runs. Beyond it, the oldest run is dropped, starting with runs that are not kept.
   * Variable: `CHATDEBUG_MAX_RUNS`. Default: 10,000.
   */
  readonly maxRuns?: number | undefined;
  /**
   * Time without an open step after which a run ends whose function has returned a stream, in milliseconds.
   * Variable: `CHATDEBUG_LINGER_MILLIS`. Default: 30,000.
   */
  readonly lingerMillis?: number | undefined;
  /**
   * Time without activity after which a run is ended as interrupted, in milliseconds.
   * Variable: `CHATDEBUG_IDLE_MILLIS`. Default: 300,000 (5 minutes).
   */
  readonly idleMillis?: number | undefined;
  /**
   * Time without a byte from the provider, in milliseconds, after which an abort is an error of kind
   * `stream_silence_timeout` instead of an interruption. This applies regardless of who aborts, since the watchdogs of
   * SDKs do not report their reason. A stream that is silent for this time is reported once to `diag`, counted by the metric
   * `chatdebug.stream.stalls`, and listed by `handle.stats()`. 0 disables all of this.
   * Variable: `CHATDEBUG_STALL_MILLIS`. Default: 60,000 (1 minute).
   */
  readonly stallMillis?: number | undefined;

  // Redaction

  /** Additional request and response headers whose values are redacted. */
  readonly redactHeaders?: readonly string[] | undefined;
  /** Additional query parameters whose values are redacted. */
  readonly redactQuery?: readonly string[] | undefined;
  /** Additional JSON keys and form fields whose values are redacted, in any case and spelling. */
  readonly redactKeys?: readonly string[] | undefined;
  /** Additional patterns. Every match in any text is redacted. */
  readonly redactPatterns?: readonly RegExp[] | undefined;
  /** Headers and JSON keys that are not redacted by name. */
  readonly redactExcept?: readonly string[] | undefined;
  /**
   * A function applied to every text after all other redaction. It receives the text and the attribute name and returns
   * the text to write. If it throws or returns anything but a string, the value becomes `[REDACTED]`.
   */
  readonly redact?: Redact | undefined;
}
