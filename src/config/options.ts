import type { SpanExporter } from '../delivery/exporter.js';
import type { ErrorKindName, ErrorText } from '../error/index.js';
import type { Redact } from '../redact/own-rules.js';
import type { CaptureFor } from '../run/capture-choice.js';
import type { OnKeep } from '../run/on-keep.js';
import type { RunFor } from '../run/run-for.js';
import type { Decide, Retain } from '../sampling/keep-rules.js';
import type { Capture } from '../types.js';
import type { WireFormatName } from '../wire/format.js';

export type PipelineChoice = 'own' | 'app';

export type RawBodies = 'all' | 'failed' | 'none';

/**
 * What start-up takes. An option wins over its variable; everything has a default.
 *
 * docs/options.md is made of what follows, headings included (`test/docs/options.test.ts`).
 */
export interface ChatDebugOptions {
  // What is recorded

  /** What is recorded of a run that says nothing itself. Variable: `CHATDEBUG_CAPTURE`. Default: `errors`. */
  readonly capture?: Capture | undefined;
  /** The application's own choice for a chat or a user; asked when a run starts and at each of its steps. */
  readonly captureFor?: CaptureFor | undefined;
  /**
   * Whether full capture has what people and models wrote: messages, answers, bodies, the first message, the
   * words of errors. Variable: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`. Default: true.
   */
  readonly captureContent?: boolean | undefined;
  /**
   * Whose request and response bodies full capture writes: those of all attempts, of those that `failed` only, or none.
   * What requests and answers in a known format say is on the step in any case. Variable: `CHATDEBUG_RAW_BODIES`.
   * Default: `all`.
   */
  readonly rawBodies?: RawBodies | undefined;
  /**
   * How the words of an error are written in errors mode: as a `template`, in which quotations and whatever else
   * may be content is replaced by its length; in `full`, redacted; or not at all (`none`).
   * Variable: `CHATDEBUG_ERROR_TEXT`. Default: `template`.
   */
  readonly errorText?: ErrorText | undefined;
  /**
   * The wire formats whose requests open a step by themselves where none is active, and a run where none is. An
   * empty list opens none. Variable: `CHATDEBUG_OPEN_STEPS`. Default: `all`.
   */
  readonly openSteps?: readonly WireFormatName[] | undefined;
  /** Names the run that a request opens by itself, by the request. */
  readonly runFor?: RunFor | undefined;

  // What is kept

  /**
   * The error kinds for which a run is kept in errors mode; `generic` are those that nobody expected. In the
   * variable with commas between them. Variable: `CHATDEBUG_KEEP_KINDS`. Default: `generic`.
   */
  readonly keepKinds?: readonly ErrorKindName[] | undefined;
  /**
   * How many runs of one error fingerprint are kept in a minute in errors mode; beyond it one in 10, then one in
   * 100, and so on, each with the number of those it stands for. Variable: `CHATDEBUG_KEEP_PER_FINGERPRINT`.
   * Default: 30.
   */
  readonly keepPerFingerprint?: number | undefined;
  /**
   * The same for all fingerprints together, but for the first run of each, which is always kept.
   * Variable: `CHATDEBUG_KEEP_PER_MINUTE`. Default: 300.
   */
  readonly keepPerMinute?: number | undefined;
  /** Told of each run at its first evidence, an error of a kind to keep, whether or not the budget keeps it. */
  readonly onKeep?: OnKeep | undefined;
  /**
   * What is written of a kept run in errors mode: its failing steps (`failing`), or all its steps (`run`).
   * Variable: `CHATDEBUG_RETAIN`. Default: `failing`.
   */
  readonly retain?: Retain | undefined;
  /**
   * Who drops the runs that are not kept in errors mode: this process, or a Collector's tail sampling
   * (`collector`), which is then sent every run, whole, at its end. Variable: `CHATDEBUG_DECIDE`.
   * Default: `process`.
   */
  readonly decide?: Decide | undefined;

  // Where it goes

  /**
   * Which pipeline the spans go through: one of this package's own (`own`), or the application's (`app`), whose
   * sampler should then be an `ErrorKindSampler`. Variable: `CHATDEBUG_PIPELINE`. Default: `own`.
   */
  readonly pipeline?: PipelineChoice | undefined;
  /**
   * Where the spans go. The default is that of `@opentelemetry/exporter-trace-otlp-http`, which reads the
   * `OTEL_EXPORTER_OTLP_*` variables. Default: `OTLPTraceExporter`.
   */
  readonly exporter?: SpanExporter | undefined;
  /** `service.name` of the spans. Default: that of `OTEL_SERVICE_NAME`, else what OpenTelemetry makes up. */
  readonly serviceName?: string | undefined;
  /**
   * How many spans may wait to be delivered, those in flight included; of more, the oldest go.
   * Variable: `CHATDEBUG_MAX_QUEUE_SPANS`. Default: 10,000.
   */
  readonly maxQueueSpans?: number | undefined;
  /** The same in bytes, estimated. Variable: `CHATDEBUG_MAX_QUEUE_BYTES`. Default: 67,108,864 (64 MiB). */
  readonly maxQueueBytes?: number | undefined;
  /**
   * How long the end of the process may be held up to deliver what is kept, in milliseconds; 0 does not.
   * Variable: `CHATDEBUG_EXIT_TIMEOUT_MILLIS`. Default: 2,000.
   */
  readonly exitTimeoutMillis?: number | undefined;
  /**
   * How long `shutdown()` takes at most, in milliseconds. Variable: `CHATDEBUG_SHUTDOWN_TIMEOUT_MILLIS`.
   * Default: 5,000.
   */
  readonly shutdownTimeoutMillis?: number | undefined;

  // How much is held

  /**
   * How much is kept of each request's and each response's body in full capture, in bytes, after content
   * decoding. Variable: `CHATDEBUG_MAX_BODY_BYTES`. Default: 50,000.
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How many bytes of bodies one run may hold at once; beyond it they are cut.
   * Variable: `CHATDEBUG_MAX_RUN_BYTES`. Default: 10,000,000.
   */
  readonly maxRunBytes?: number | undefined;
  /**
   * How many bytes of bodies all runs together may hold at once; beyond it they are cut.
   * Variable: `CHATDEBUG_MAX_BYTES`. Default: 50,000,000.
   */
  readonly maxBytes?: number | undefined;
  /**
   * How many attempts of one step are kept; of more, those in the middle go and are counted.
   * Variable: `CHATDEBUG_MAX_ATTEMPTS`. Default: 100.
   */
  readonly maxAttempts?: number | undefined;
  /**
   * How many ended steps are held for a run that may yet be kept (`retain: 'run'`, `decide: 'collector'`); of
   * more, the oldest go. Variable: `CHATDEBUG_MAX_STEPS`. Default: 1,000.
   */
  readonly maxSteps?: number | undefined;
  /**
   * How many runs may be under way; of more, the oldest is given up, one that is not kept first.
   * Variable: `CHATDEBUG_MAX_RUNS`. Default: 10,000.
   */
  readonly maxRuns?: number | undefined;
  /**
   * How long a run that gave back a stream waits for another step, in milliseconds.
   * Variable: `CHATDEBUG_LINGER_MILLIS`. Default: 30,000.
   */
  readonly lingerMillis?: number | undefined;
  /**
   * After how long without activity a run is given up as interrupted, in milliseconds.
   * Variable: `CHATDEBUG_IDLE_MILLIS`. Default: 300,000 (5 minutes).
   */
  readonly idleMillis?: number | undefined;
  /**
   * After how long without a byte from the provider, in milliseconds, an abort is an error of kind
   * `stream_silence_timeout` instead of an interruption, regardless of who aborts: the watchdogs of SDKs do not say why. A stream
   * that is silent for that long is reported once to `diag`, counted by the metric `chatdebug.stream.stalls`, and shown
   * by `handle.stats()`. 0 switches all of it off.
   * Variable: `CHATDEBUG_STALL_MILLIS`. Default: 60,000 (1 minute).
   */
  readonly stallMillis?: number | undefined;

  // What is redacted

  /** Further request and response headers whose values are redacted. */
  readonly redactHeaders?: readonly string[] | undefined;
  /** Further query parameters whose values are redacted. */
  readonly redactQuery?: readonly string[] | undefined;
  /** Further members of JSON and form fields whose values are redacted, in any spelling. */
  readonly redactKeys?: readonly string[] | undefined;
  /** Further texts that are redacted, wherever one of these matches. */
  readonly redactPatterns?: readonly RegExp[] | undefined;
  /** Headers and members of JSON that are not redacted for their names. */
  readonly redactExcept?: readonly string[] | undefined;
  /**
   * The last word on every text, after all other redaction: takes it and the name of its attribute, gives what
   * is written. Where it throws or gives no text, the value becomes `[REDACTED]`.
   */
  readonly redact?: Redact | undefined;
}
