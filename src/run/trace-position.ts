import {
  type Context,
  context,
  isSpanContextValid,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { loadCrypto } from '../loading.js';

export function randomId(): string {
  return loadCrypto().randomUUID();
}

/** The parent and trace id of a run, fixed when it starts, so that logs can contain its trace id. */
export class TracePosition {
  #traceId: string | undefined;

  /**
   * @param context the application's context, with its active span if there is one; read on demand
   * @param reservesTraceId whether the trace id of a root can be fixed before its span starts
   */
  constructor(
    readonly context: Context,
    private readonly reservesTraceId: boolean,
  ) {}

  /**
   * The application's active span if it is sampled. An unsampled span is never stored, so a viewer would show a missing
   * parent. The run is then a root of the same trace.
   */
  get parent(): SpanContext | undefined {
    return this.isParentSampled ? this.active : undefined;
  }

  get unsampledParent(): SpanContext | undefined {
    return this.isParentSampled ? undefined : this.active;
  }

  /** `undefined` if the application's own pipeline chooses the id of a root when its span starts. */
  get traceId(): string | undefined {
    const { active } = this;
    if (active !== undefined && (this.reservesTraceId || this.isParentSampled)) return active.traceId;
    if (!this.reservesTraceId) return undefined;
    // Random in the bytes that W3C Trace Context requires, and cheaper than `randomBytes`: UUIDs are drawn in batches.
    this.#traceId ??= randomId().replaceAll('-', '');
    return this.#traceId;
  }

  private get active(): SpanContext | undefined {
    const active = trace.getSpanContext(this.context);
    return active !== undefined && isSpanContextValid(active) ? active : undefined;
  }

  private get isParentSampled(): boolean {
    return ((this.active?.traceFlags ?? TraceFlags.NONE) & TraceFlags.SAMPLED) !== 0;
  }
}

/** Returns the position of a run that starts now: below the application's active span, else in a new trace. */
export function tracePosition(reservesTraceId: boolean): TracePosition {
  return new TracePosition(context.active(), reservesTraceId);
}
