import {
  type Attributes,
  type Context,
  isSpanContextValid,
  type Link,
  type SpanKind,
  TraceFlags,
  type TraceState,
  trace,
} from '@opentelemetry/api';
import type { ErrorKind } from '../error/index.js';
import { ERROR_KINDS, type ErrorKindName, errorKind } from '../error/kinds.js';
import { debug, explains, warn } from '../self-diagnostics.js';
import * as semconv from '../semconv.js';

/** `SamplingResult` of the OpenTelemetry SDK 2.x and 3.x. `decision` is a `SamplingDecision`. */
interface SamplingResult {
  decision: 0 | 1 | 2;
  attributes?: Readonly<Attributes>;
  traceState?: TraceState;
}

/** `Sampler` of the OpenTelemetry SDK 2.x and 3.x, declared here so that the types need no SDK. */
export interface Sampler {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult;
  toString(): string;
}

/** Values of `SamplingDecision`. */
const NOT_RECORD = 0;
export const RECORD_AND_SAMPLED = 2;

const DROP: SamplingResult = Object.freeze({ decision: NOT_RECORD });
const KEEP: SamplingResult = Object.freeze({ decision: RECORD_AND_SAMPLED });

/** {@link KeepRules}, each with its default: kind `generic`, failing steps only, decided in the process. */
export type ErrorKindSamplerOptions = {
  readonly [Rule in keyof KeepRules]?:
    | (Rule extends 'keepKinds' ? readonly ErrorKindName[] : KeepRules[Rule])
    | undefined;
};

/**
 * A head sampler that decides by the outcome of a call. Spans of this package are started when their outcome is known,
 * so their error kind is among the attributes that the sampler receives.
 *
 * It samples runs in full capture. In errors mode it samples failed runs and steps with a kind to keep, and with
 * `retain: 'run'` all steps of such a run. With `decide: 'collector'` it samples all spans of this package. Attempt
 * spans are sampled with their step. For all other spans it calls the inner sampler.
 *
 * @example
 * new NodeSDK({
 *   sampler: new ErrorKindSampler({}, new TraceIdRatioBasedSampler(0.01)),
 *   instrumentations: [new ChatDebugInstrumentation({ pipeline: 'app' })],
 * });
 */
export class ErrorKindSampler implements Sampler {
  readonly #rules: KeepRules;
  readonly #inner: Sampler | undefined;

  /**
   * @param options the retention of spans of this package
   * @param inner decides for all other spans. Default: as their parent is sampled, roots always, like the default
   *   sampler of the SDK
   * @throws TypeError for an invalid rule
   */
  constructor({ keepKinds, retain, decide }: ErrorKindSamplerOptions = {}, inner?: Sampler) {
    if (keepKinds?.every((name) => errorKind(name) !== undefined) === false) {
      throw new TypeError(
        `Invalid keepKinds "${keepKinds}" of ErrorKindSampler: expected a list of ${ERROR_KINDS.join(', ')}`,
      );
    }
    if (!['failing', 'run', undefined].includes(retain)) {
      throw new TypeError(`Invalid retain "${retain}" of ErrorKindSampler: expected failing or run`);
    }
    if (!['process', 'collector', undefined].includes(decide)) {
      throw new TypeError(`Invalid decide "${decide}" of ErrorKindSampler: expected process or collector`);
    }
    this.#rules = Object.freeze({
      keepKinds: Object.freeze((keepKinds ?? ['generic']).flatMap((name) => errorKind(name) ?? [])),
      retain: retain ?? 'failing',
      decide: decide ?? 'process',
    });
    this.#inner = inner;
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const runId = attributes[semconv.ATTR_CHATDEBUG_RUN_ID];
    if (runId !== undefined) {
      const keeps = this.#keeps(attributes, context);
      if (!keeps && explains()) debug(`run ${runId}: ErrorKindSampler drops the span ${spanName}`);
      return keeps ? KEEP : DROP;
    }
    if (this.#inner === undefined) return isParentDropped(context) ? DROP : KEEP;
    try {
      return this.#inner.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    } catch (error) {
      warn('the sampler inside ErrorKindSampler failed: a span is not recorded', error);
      return DROP;
    }
  }

  toString(): string {
    const { keepKinds, retain, decide } = this.#rules;
    const inner = this.#inner === undefined ? 'ParentBased' : String(this.#inner);
    return `ErrorKindSampler{keepKinds=${keepKinds.join(',')}, retain=${retain}, decide=${decide}, inner=${inner}}`;
  }

  #keeps(attributes: Attributes, context: Context): boolean {
    if (attributes[semconv.ATTR_CHATDEBUG_ATTEMPT_NUMBER] !== undefined) return isParentSampled(context);
    if (this.#rules.decide === 'collector') return true;
    if (attributes[semconv.ATTR_CHATDEBUG_CAPTURE] === 'full') return true;
    const status = attributes[semconv.ATTR_CHATDEBUG_STEP_STATUS] ?? 'error';
    const kind = attributes[semconv.ATTR_CHATDEBUG_ERROR_KIND];
    if (isEvidence(this.#rules, String(status), kind === undefined ? undefined : String(kind))) return true;
    return this.#rules.retain === 'run' && isBelowRun(attributes) && isParentSampled(context);
  }
}

/** The parent of steps and child runs is the span of a run. */
function isBelowRun(attributes: Attributes): boolean {
  return (
    attributes[semconv.ATTR_CHATDEBUG_STEP_NUMBER] !== undefined ||
    attributes[semconv.ATTR_CHATDEBUG_RUN_PARENT_ID] !== undefined
  );
}

function isParentSampled(context: Context): boolean {
  return ((trace.getSpanContext(context)?.traceFlags ?? 0) & TraceFlags.SAMPLED) !== 0;
}

function isParentDropped(context: Context): boolean {
  const parent = trace.getSpanContext(context);
  return parent !== undefined && isSpanContextValid(parent) && !isParentSampled(context);
}

/**
 * Decides which runs are kept in errors capture. The process applies it to records and the sampler to attributes,
 * with the same result. Pure.
 */
export interface KeepRules {
  /** The error kinds for which a run is kept. */
  readonly keepKinds: readonly ErrorKind[];
  /** Whether a kept run has its failing steps only or all steps. */
  readonly retain: Retain;
  /** Whether this process drops the other runs, or a Collector that receives all runs. */
  readonly decide: Decide;
}

/** Which steps of a kept run are written in errors capture. */
export type Retain = 'failing' | 'run';
/** Where runs are dropped: in the process, or by the tail sampling of a Collector. */
export type Decide = 'process' | 'collector';

/**
 * Whether the outcome of a run or step is evidence for keeping the run: status `error` with a kind to keep. An
 * interruption never is.
 */
export function isEvidence(
  rules: KeepRules,
  status: string | undefined,
  errorKind: string | undefined,
): boolean {
  return status === 'error' && rules.keepKinds.some((kind) => kind === errorKind);
}
