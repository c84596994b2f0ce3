import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { spanNotRecorded } from '../run/debug-lines.js';
import type { RecordSink } from '../run/retention.js';
import { possibleRecovery } from '../run/retry-evidence.js';
import type { RunRecord } from '../run/run-record.js';
import { ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT, EVENT_ATTEMPT, EVENT_EXCEPTION } from '../semconv.js';
import type { Failure } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import { attemptEvents } from './attempt-events.js';
import { boundedAttributes } from './bounded-attributes.js';
import { statusDescription } from './error-attributes.js';
import { exceptionAttributes } from './exception-event.js';
import { firstCharacters } from './first-characters.js';
import type { Pipeline } from './pipeline.js';
import { createRedaction, type Redaction, type RedactionOptions, redacted } from './redaction.js';
import { runEndAttributes, runKind, runStartAttributes } from './run-attributes.js';
import { type SpanBounds, spanBounds } from './span-bounds.js';
import { recoveryAttributes, stepAttributes, stepName } from './step-attributes.js';

/** Of a span's name, and of the description of its status, in characters. */
const LABEL_LENGTH = 200;

/** The way of records that are to be written, through the redactor, to the pipeline. */
export function createSpanWriter(pipeline: () => Pipeline, options: SpanWriterOptions): RecordSink {
  return new SpanWriter(pipeline, createRedaction(options), spanBounds(options.maxBodyBytes));
}

export interface SpanWriterOptions extends RedactionOptions {
  /** The bounds of spans and events follow it: `spanBounds`. */
  readonly maxBodyBytes: number;
}

/**
 * Writes records as spans once their outcome is known, with explicit times: a step when it ends, its run at
 * the run's end. The run's span is started before the first span below it, since that one needs its id.
 */
class SpanWriter implements RecordSink {
  readonly #runSpans = new WeakMap<RunRecord, Span>();
  /** Of the steps that have been written. */
  readonly #stepContexts = new WeakMap<StepRecord, SpanContext>();

  constructor(
    private readonly pipeline: () => Pipeline,
    private readonly redaction: Redaction,
    private readonly bounds: SpanBounds,
  ) {}

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
      trace.setSpan(ROOT_CONTEXT, this.#runSpan(run)),
    );
    if (span.isRecording()) this.#stepContexts.set(step, span.spanContext());
    const events = attemptEvents(step, this.redaction, this.bounds, attributes);
    for (const { attempt, event } of events) {
      span.addEvent(EVENT_ATTEMPT, event, timeline.epochMillis(attempt.startedAt));
    }
    if (events.length < step.attempts.kept.length) {
      span.setAttribute(ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT, step.attempts.began - events.length);
    }
    const endedAt = timeline.epochMillis(step.endedAt ?? step.startedAt);
    if (step.status === 'error') this.#writeFailure(span, step.failure, step.capture, endedAt);
    span.end(endedAt);
  }

  run(run: RunRecord): void {
    const span = this.#runSpan(run);
    const endedAt = run.timeline.epochMillis(run.endedAt ?? run.startedAt);
    span.setAttributes(runEndAttributes(run, this.redaction));
    if (run.status === 'error') this.#writeFailure(span, run.failure, run.capture, endedAt);
    span.end(endedAt);
    // What starts below it, or goes on from it, later still needs its ids; the rest can go.
    this.#runSpans.set(run, trace.wrapSpanContext(span.spanContext()));
  }

  #runSpan(run: RunRecord): Span {
    const started = this.#runSpans.get(run);
    if (started !== undefined) return started;
    const { tracer, startRoot } = this.pipeline();
    const { traceId, unsampledParent } = run.position;
    const links = isWritten(run.predecessor)
      ? [{ context: this.#runSpan(run.predecessor).spanContext() }]
      : [];
    // A root in a trace of its own, where its trace id could not be that of the application's span.
    if (unsampledParent !== undefined && traceId === undefined) links.push({ context: unsampledParent });
    const options = {
      kind: SpanKind.INTERNAL,
      startTime: run.timeline.epochMillis(run.startedAt),
      attributes: boundedAttributes(runStartAttributes(run, this.redaction), this.bounds.attributes),
      links,
    };
    const name = firstCharacters(this.redaction.text(runKind(run), 'span.name'), LABEL_LENGTH);
    const parent = this.#parentContext(run);
    const span =
      parent === undefined
        ? startRoot(traceId, () => tracer.startSpan(name, options, ROOT_CONTEXT))
        : tracer.startSpan(name, options, parent);
    if (!span.isRecording()) spanNotRecorded(run);
    this.#runSpans.set(run, span);
    return span;
  }

  /** The run around it, else the application's span; `undefined` for a root. */
  #parentContext({ parent, position }: RunRecord): Context | undefined {
    if (isWritten(parent)) return trace.setSpan(ROOT_CONTEXT, this.#runSpan(parent));
    return position.parent && trace.setSpanContext(ROOT_CONTEXT, position.parent);
  }

  #writeFailure(span: Span, failure: Failure | undefined, capture: Capture, at: number): void {
    if (failure === undefined) return;
    const words = this.redaction.errorText(capture);
    const message = this.redaction.text(statusDescription(failure.classification, words), 'span.status');
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: firstCharacters(message, LABEL_LENGTH),
    });
    const exception = exceptionAttributes(failure, words);
    if (exception === undefined) return;
    const event = boundedAttributes(redacted(this.redaction, exception), this.bounds.event);
    span.addEvent(EVENT_EXCEPTION, event, at);
  }
}

function isWritten(run: RunRecord | undefined): run is RunRecord {
  return run?.willBeWritten === true;
}
