import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RecordSink } from '../run/retention.js';
import type { RunRecord } from '../run/run-record.js';
import { EVENT_ATTEMPT, EVENT_EXCEPTION } from '../semconv.js';
import type { Failure } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import { attemptAttributes } from './attempt-attributes.js';
import { statusDescription } from './error-attributes.js';
import { exceptionAttributes } from './exception-event.js';
import type { Pipeline } from './pipeline.js';
import { createRedaction, type Redaction, type RedactionOptions, redacted } from './redaction.js';
import { runEndAttributes, runKind, runStartAttributes } from './run-attributes.js';
import { stepAttributes, stepName } from './step-attributes.js';

/** The way of records that are to be written, through the redactor, to the pipeline. */
export function createSpanWriter(pipeline: () => Pipeline, options: RedactionOptions): RecordSink {
  return new SpanWriter(pipeline, createRedaction(options));
}

/**
 * Writes records as spans once their outcome is known, with explicit times: a step when it ends, its run at
 * the run's end. The run's span is started before the first span below it, since that one needs its id.
 */
class SpanWriter implements RecordSink {
  readonly #runSpans = new WeakMap<RunRecord, Span>();

  constructor(
    private readonly pipeline: () => Pipeline,
    private readonly redaction: Redaction,
  ) {}

  step(run: RunRecord, step: StepRecord): void {
    const { timeline } = run;
    const attributes = stepAttributes(run, step, this.redaction);
    const span = this.pipeline().tracer.startSpan(
      stepName(step, this.redaction),
      { kind: SpanKind.CLIENT, startTime: timeline.epochMillis(step.startedAt), attributes },
      trace.setSpan(ROOT_CONTEXT, this.#runSpan(run)),
    );
    for (const attempt of step.attempts.kept) {
      const event = attemptAttributes(attempt, step.provider, this.redaction);
      span.addEvent(EVENT_ATTEMPT, event, timeline.epochMillis(attempt.startedAt));
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
      attributes: runStartAttributes(run, this.redaction),
      links,
    };
    const name = this.redaction.text(runKind(run), 'span.name');
    const parent = this.#parentContext(run);
    const span =
      parent === undefined
        ? startRoot(traceId, () => tracer.startSpan(name, options, ROOT_CONTEXT))
        : tracer.startSpan(name, options, parent);
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
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    const exception = exceptionAttributes(failure, words);
    if (exception !== undefined) span.addEvent(EVENT_EXCEPTION, redacted(this.redaction, exception), at);
  }
}

function isWritten(run: RunRecord | undefined): run is RunRecord {
  return run?.willBeWritten === true;
}
