import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { AttemptsAs } from '../config/options.js';
import type { ExceptionSignal } from '../config/otel-variables.js';
import { spanNotRecorded } from '../run/debug-lines.js';
import type { RecordSink } from '../run/retention.js';
import { possibleRecovery } from '../run/retry-evidence.js';
import type { RunRecord } from '../run/run-record.js';
import { ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT, EVENT_ATTEMPT, EVENT_EXCEPTION } from '../semconv.js';
import type { StepRecord } from '../step/step-record.js';
import {
  type AttemptEvent,
  attemptAttributes,
  attemptEvents,
  attemptSpanAttributes,
  attemptSpanName,
} from './attempt-attributes.js';
import { boundedAttributes, type SpanBounds, spanBounds } from './bounded-attributes.js';
import { ExceptionLogs, exceptionAttributes, type LoggerProvider, statusDescription } from './exceptions.js';
import type { Pipeline, WrittenSpan } from './pipeline.js';
import { createRedaction, type Redaction, type RedactionOptions, redacted } from './redaction.js';
import {
  firstCharacters,
  recoveryAttributes,
  runEndAttributes,
  runName,
  runStartAttributes,
  stepAttributes,
  stepName,
} from './step-attributes.js';

/** The limit of a span's name and of its status description, in characters. */
const LABEL_LENGTH = 200;

/** Returns a sink that writes records as redacted spans to the pipeline. */
export function createSpanWriter(pipeline: () => Pipeline, options: SpanWriterOptions): RecordSink {
  return new SpanWriter(pipeline, createRedaction(options), spanBounds(options.maxBodyBytes), options);
}

export interface SpanWriterOptions extends RedactionOptions {
  /** Determines the limits of spans and events: `spanBounds`. */
  readonly maxBodyBytes: number;
  readonly attemptsAs: AttemptsAs;
  readonly onWritten: (span: WrittenSpan) => void;
  readonly exceptionSignal: ExceptionSignal;
  /** The application's logger provider, if it has set one. */
  readonly loggerProvider: () => LoggerProvider | undefined;
}

/**
 * Writes records as spans with explicit times: a step when it ends, a run when it ends. The span of a run is started
 * before its first child, which needs its id.
 */
class SpanWriter implements RecordSink {
  readonly #runSpans = new WeakMap<RunRecord, WrittenSpan>();
  readonly #stepContexts = new WeakMap<StepRecord, SpanContext>();
  readonly #logs: ExceptionLogs | undefined;

  constructor(
    private readonly pipeline: () => Pipeline,
    private readonly redaction: Redaction,
    private readonly bounds: SpanBounds,
    private readonly options: SpanWriterOptions,
  ) {
    const { exceptionSignal, loggerProvider, conventions } = options;
    this.#logs = exceptionSignal === 'events' ? undefined : new ExceptionLogs(loggerProvider, conventions);
  }

  step(run: RunRecord, step: StepRecord): void {
    const { timeline } = run;
    const later = possibleRecovery(step);
    const laterContext = later && this.#stepContexts.get(later);
    const isLinked = later === undefined || laterContext !== undefined;
    const known = stepAttributes(run, step, this.redaction);
    if (!isLinked) Object.assign(known, recoveryAttributes(timeline, later));
    const attributes = boundedAttributes(known, this.bounds.attributes);
    const span = this.pipeline().tracer.startSpan(
      firstCharacters(stepName(step, this.redaction), LABEL_LENGTH),
      {
        kind: SpanKind.CLIENT,
        startTime: timeline.epochMillis(step.startedAt),
        attributes,
        links: laterContext === undefined ? [] : [{ context: laterContext }],
      },
      below(this.#runSpan(run)),
    );
    if (span.isRecording()) {
      this.#stepContexts.set(step, span.spanContext());
      this.#writeAttempts(run, step, span, attributes);
    }
    const endedAt = timeline.epochMillis(step.endedAt ?? step.startedAt);
    if (step.status === 'error') this.#writeFailure(span, run, step, endedAt);
    this.#end(span, endedAt);
  }

  run(run: RunRecord): void {
    const span = this.#runSpan(run);
    const endedAt = run.timeline.epochMillis(run.endedAt ?? run.startedAt);
    span.setAttributes(runEndAttributes(run, this.redaction));
    if (run.status === 'error') this.#writeFailure(span, run, undefined, endedAt);
    this.#end(span, endedAt);
    // Later spans need only the ids of this span.
    this.#runSpans.set(run, trace.wrapSpanContext(span.spanContext()));
  }

  #writeAttempts(run: RunRecord, step: StepRecord, span: WrittenSpan, attributes: Attributes): void {
    const { attemptsAs } = this.options;
    const { began, kept } = step.attempts;
    const attempts = kept.map((attempt) => ({
      attempt,
      event: attemptAttributes(attempt, step.provider, this.redaction),
    }));
    if (attemptsAs !== 'spans') {
      const events = attemptEvents(attempts, this.bounds, attributes);
      for (const { attempt, event } of events)
        span.addEvent(EVENT_ATTEMPT, event, run.timeline.epochMillis(attempt.startedAt));
      if (events.length < kept.length && attemptsAs === 'events')
        span.setAttribute(ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT, began - events.length);
    }
    if (attemptsAs !== 'events') for (const one of attempts) this.#writeAttemptSpan(run, span, one);
  }

  #writeAttemptSpan({ id, timeline }: RunRecord, step: WrittenSpan, { attempt, event }: AttemptEvent): void {
    const attributes = attemptSpanAttributes(attempt, event, id, this.redaction);
    const span = this.pipeline().tracer.startSpan(
      attemptSpanName(attempt),
      {
        kind: SpanKind.CLIENT,
        startTime: timeline.epochMillis(attempt.startedAt),
        attributes: boundedAttributes(attributes, this.bounds.event),
      },
      below(step),
    );
    // No description: the status code or `error.type` gives the reason (HTTP conventions, "Status").
    if (attempt.status === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
    this.#end(span, timeline.epochMillis(attempt.endedAt ?? attempt.startedAt));
  }

  #end(span: WrittenSpan, at: number): void {
    span.end(at);
    this.options.onWritten(span);
  }

  #runSpan(run: RunRecord): WrittenSpan {
    const started = this.#runSpans.get(run);
    if (started !== undefined) return started;
    const { tracer, startRoot } = this.pipeline();
    const { traceId, unsampledParent } = run.position;
    const links = isWritten(run.predecessor)
      ? [{ context: this.#runSpan(run.predecessor).spanContext() }]
      : [];
    // The run is in a trace of its own if the trace id of the application's span could not be used.
    if (unsampledParent !== undefined && traceId === undefined) links.push({ context: unsampledParent });
    const options = {
      kind: SpanKind.INTERNAL,
      startTime: run.timeline.epochMillis(run.startedAt),
      attributes: boundedAttributes(runStartAttributes(run, this.redaction), this.bounds.attributes),
      links,
    };
    const name = firstCharacters(runName(run, this.redaction), LABEL_LENGTH);
    const parent = this.#parentContext(run);
    const span =
      parent === undefined
        ? startRoot(traceId, () => tracer.startSpan(name, options, ROOT_CONTEXT))
        : tracer.startSpan(name, options, parent);
    if (!span.isRecording()) spanNotRecorded(run);
    this.#runSpans.set(run, span);
    return span;
  }

  /** Returns the parent run's span, else the application's span, or `undefined` for a root. */
  #parentContext({ parent, position }: RunRecord): Context | undefined {
    if (isWritten(parent)) return below(this.#runSpan(parent));
    return position.parent && trace.setSpanContext(ROOT_CONTEXT, position.parent);
  }

  /** @param step the failed step; `undefined` if the run failed */
  #writeFailure(span: WrittenSpan, run: RunRecord, step: StepRecord | undefined, at: number): void {
    const { failure, capture } = step ?? run;
    if (failure === undefined || !span.isRecording()) return;
    const words = this.redaction.errorText(capture);
    const message = this.redaction.text(statusDescription(failure.classification, words), 'span.status');
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: firstCharacters(message, LABEL_LENGTH),
    });
    const exception = exceptionAttributes(failure, words);
    if (exception === undefined) return;
    const attributes = boundedAttributes(redacted(this.redaction, exception), this.bounds.event);
    const written = { error: failure.error, attributes, span, at };
    const isLogged = this.#logs?.write(run, step !== undefined, written) === true;
    if (!isLogged || this.options.exceptionSignal === 'logs/dup')
      span.addEvent(EVENT_EXCEPTION, attributes, at);
  }
}

function isWritten(run: RunRecord | undefined): run is RunRecord {
  return run?.willBeWritten === true;
}

/** Returns the context for the children of a span. */
function below(span: WrittenSpan): Context {
  // The application's pipeline may need the whole span. The private pipeline needs the span context only.
  return trace.setSpan(ROOT_CONTEXT, span as Span);
}
