import { randomUUID } from 'node:crypto';
import { context, isSpanContextValid, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';

/** Where in the trace a run stands: fixed when it starts, so that logs can carry its trace id. */
export class TracePosition {
  #traceId: string | undefined;

  /**
   * @param active the application's active span, if there is one
   * @param reserves whether a root's trace id can be fixed before its span starts
   */
  constructor(
    private readonly active: SpanContext | undefined,
    private readonly reserves: boolean,
  ) {}

  /**
   * The application's active span, where it is sampled. Where it is not it will never be stored, and a viewer
   * would wait for it: the run then becomes a root of the same trace.
   */
  get parent(): SpanContext | undefined {
    return this.isParentSampled ? this.active : undefined;
  }

  get unsampledParent(): SpanContext | undefined {
    return this.isParentSampled ? undefined : this.active;
  }

  /** `undefined` where the application's own pipeline gives a root its id, when its span starts. */
  get traceId(): string | undefined {
    if (this.active !== undefined && (this.reserves || this.isParentSampled)) return this.active.traceId;
    if (!this.reserves) return undefined;
    // Random where W3C Trace Context wants it, and drawn in batches, which `randomBytes` is not.
    this.#traceId ??= randomUUID().replaceAll('-', '');
    return this.#traceId;
  }

  private get isParentSampled(): boolean {
    return this.active !== undefined && (this.active.traceFlags & TraceFlags.SAMPLED) !== 0;
  }
}

/** Where a run that starts now stands: below the application's active span, else in a trace of its own. */
export function tracePosition(reserves: boolean): TracePosition {
  const active = trace.getSpanContext(context.active());
  return new TracePosition(active !== undefined && isSpanContextValid(active) ? active : undefined, reserves);
}
