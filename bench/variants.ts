/** One way to make the same calls; what the measured process is told. */
export interface Variant {
  readonly name: string;
  readonly label: string;
  /** What the application has of its own, whatever else is there. */
  readonly application?: {
    /** A tracer provider. */
    readonly tracing?: true;
    /** An `AsyncLocalStorage` around each call. */
    readonly context?: true;
    /** A meter provider, which is read but not exported. */
    readonly metrics?: true;
  };
  /** How this package is used; without, it is not loaded. */
  readonly ours?: {
    readonly capture: 'full' | 'errors';
    /**
     * What opens runs and steps: the application around each call, a wrapped model inside the application's
     * run, the call by itself, or nothing.
     */
    readonly opens: 'application' | 'model' | 'call' | 'nothing';
  };
  /** Somebody else's package instead, by its name in bench/rivals/set-ups.mjs. */
  readonly rival?: string;
  /** What it sends of a call that goes well. */
  readonly records: '' | 'nothing' | 'metadata' | 'content';
  readonly spansPerCall: number;
}

export const BARE: Variant = { name: 'bare', label: 'bare: nothing loaded', records: '', spansPerCall: 0 };
const CONTEXT: Variant = {
  ...BARE,
  name: 'context',
  label: 'bare, in an AsyncLocalStorage',
  application: { context: true },
};
const AGAIN: Variant = { ...BARE, name: 'bare-again', label: 'bare again: the noise' };

const ERRORS = ours('errors', 'errors only, withRun and withStep', 'errors', 'application');
export const ERRORS_NO_CODE = ours('errors-no-code', 'errors only, no code', 'errors', 'call');
const ERRORS_MODEL = ours('errors-model', 'errors only, withRun and wrapModel', 'errors', 'model');
export const FULL = ours('full', 'full capture, withRun and withStep', 'full', 'application');
export const FULL_NO_CODE = ours('full-no-code', 'full capture, no code', 'full', 'call');
const FULL_MODEL = ours('full-model', 'full capture, withRun and wrapModel', 'full', 'model');
const OUTSIDE = ours('outside', 'started, calls that are not recorded', 'full', 'nothing');

const UNDICI = rival('undici', '@opentelemetry/instrumentation-undici', 'metadata');
const OPENAI = rival('otel-openai', '@opentelemetry/instrumentation-openai', 'metadata');

/** Which rows each sort of call gets by itself: what each part of this package costs. */
export const OWN_ROWS = {
  openai: [
    BARE,
    AGAIN,
    CONTEXT,
    OUTSIDE,
    {
      ...OUTSIDE,
      name: 'outside-with-tracing',
      label: "… and the application's own tracing",
      application: { tracing: true },
    },
    ERRORS,
    ERRORS_NO_CODE,
    {
      ...ERRORS,
      name: 'errors-with-metrics',
      label: 'errors only, and the application has metrics',
      application: { metrics: true },
    },
    FULL,
    FULL_NO_CODE,
  ],
  long: [BARE, AGAIN, CONTEXT, ERRORS, ERRORS_NO_CODE],
  ai: [BARE, AGAIN, CONTEXT, ERRORS_NO_CODE, ERRORS_MODEL, FULL_NO_CODE, FULL_MODEL],
} as const satisfies Readonly<Record<string, readonly Variant[]>>;

export type Rows = keyof typeof OWN_ROWS;

/** The same beside what people would pick instead. A stream of a great many chunks is for what keeps none of them. */
export const RIVAL_ROWS: Readonly<Record<Rows, readonly Variant[]>> = {
  openai: [
    BARE,
    AGAIN,
    CONTEXT,
    ERRORS,
    ERRORS_NO_CODE,
    UNDICI,
    OPENAI,
    FULL,
    FULL_NO_CODE,
    rival('openllmetry', 'OpenLLMetry', 'content'),
    rival('openinference', 'OpenInference', 'content'),
    rival('langfuse', 'Langfuse', 'content'),
  ],
  long: [...OWN_ROWS.long, UNDICI, OPENAI],
  ai: [
    BARE,
    AGAIN,
    CONTEXT,
    ERRORS_NO_CODE,
    ERRORS_MODEL,
    UNDICI,
    FULL_NO_CODE,
    FULL_MODEL,
    { ...rival('ai-telemetry', "the AI SDK's own telemetry", 'content'), spansPerCall: 2 },
    { ...rival('ai-langfuse', "the AI SDK's own, sent by Langfuse", 'content'), spansPerCall: 2 },
  ],
};

type Ours = NonNullable<Variant['ours']>;

/** A run that is written is one span, and its step another. */
function ours(name: string, label: string, capture: Ours['capture'], opens: Ours['opens']): Variant {
  const written = capture === 'full' && opens !== 'nothing';
  const sent = written
    ? ({ records: 'content', spansPerCall: 2 } as const)
    : ({ records: 'nothing', spansPerCall: 0 } as const);
  return { name, label, ours: { capture, opens }, ...sent };
}

function rival(name: string, label: string, records: Variant['records']): Variant {
  return { name, label, rival: name, records, spansPerCall: 1 };
}
