import {
  type Context,
  context,
  isSpanContextValid,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { lazily } from '../loading.js';

/** Loaded with the first id that somebody asks for. */
const loadCrypto = lazily(() => require('node:crypto') as typeof import('node:crypto'));

/** A random UUID. */
export function randomId(): string {
  return loadCrypto().randomUUID();
}

/** Where in the trace a run stands: fixed when it starts, so that logs can carry its trace id. */
export class TracePosition {
  #traceId: string | undefined;

  /**
   * @param context the application's context, with its active span if there is one: looked into when somebody asks
   * @param reserves whether a root's trace id can be fixed before its span starts
   */
  constructor(
    readonly context: Context,
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
    const { active } = this;
    if (active !== undefined && (this.reserves || this.isParentSampled)) return active.traceId;
    if (!this.reserves) return undefined;
    // Random where W3C Trace Context wants it, and drawn in batches, which `randomBytes` is not.
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

/** Where a run that starts now stands: below the application's active span, else in a trace of its own. */
export function tracePosition(reserves: boolean): TracePosition {
  return new TracePosition(context.active(), reserves);
}
