/** One way to make the same calls, as the measured process receives it. */
export interface Variant {
  readonly name: string;
  readonly label: string;
  /** The replacement of a recorder, or an addition to one. */
  readonly has?: 'context' | 'floor' | 'metrics' | 'subscriber';
  /** How this package is used. Without it, the package is not loaded. */
  readonly ours?: {
    readonly capture: 'full' | 'errors';
    /** What opens runs: the call itself, `withRun` around it, or `withRun` around a model of `wrapModel`. */
    readonly opens: 'call' | 'run' | 'model';
    readonly rawBodies?: 'failed';
    readonly usageMetrics?: true;
    readonly failureContent?: true;
  };
  /** Another package instead, by its name in bench/rivals/set-ups.mjs. */
  readonly rival?: string;
  /** The number of spans for a successful call. */
  readonly sends: '' | 'nothing' | 'metadata' | 'content';
  readonly spansPerCall: number;
}

const bare = (name: string, label: string, has?: Variant['has']): Variant => ({
  name,
  label,
  ...(has !== undefined && { has }),
  sends: '',
  spansPerCall: 0,
});

/** A written run is one span, and each step another. */
const ours = (name: string, label: string, options: NonNullable<Variant['ours']>): Variant => ({
  name,
  label,
  ours: options,
  ...(options.capture === 'full'
    ? { sends: 'content', spansPerCall: 2 }
    : { sends: 'nothing', spansPerCall: 0 }),
});

const rival = (name: string, label: string, sends: Variant['sends'], spansPerCall = 1): Variant => ({
  name,
  label,
  rival: name,
  sends,
  spansPerCall,
});

export const BARE = bare('bare', 'baseline: the client alone');
/** Their difference from bare is the noise. */
export const AGAIN = bare('again', 'baseline repeated');
export const AGAIN_TOO = bare('again-too', 'baseline, third process');
export const CONTEXT = bare('context', 'baseline inside an AsyncLocalStorage', 'context');
export const SUBSCRIBER = bare('subscriber', 'baseline with one channel subscriber', 'subscriber');
export const FLOOR = bare('floor', 'floor: an observe-only prototype', 'floor');

export const ERRORS = ours('errors', 'errors mode, no code', { capture: 'errors', opens: 'call' });
export const ERRORS_RUN = ours('errors-run', 'errors mode, withRun', { capture: 'errors', opens: 'run' });
export const ERRORS_MODEL = ours('errors-model', 'errors mode, withRun and wrapModel', {
  capture: 'errors',
  opens: 'model',
});
export const ERRORS_METRICS: Variant = {
  ...ERRORS,
  name: 'errors-metrics',
  label: 'errors mode, no code, with a meter provider',
  has: 'metrics',
};
export const ERRORS_USAGE: Variant = {
  ...ours('errors-usage', 'errors mode, no code, with usageMetrics', {
    capture: 'errors',
    opens: 'call',
    usageMetrics: true,
  }),
  has: 'metrics',
};
export const ERRORS_CONTENT = ours('errors-content', 'errors mode, no code, with failureContent', {
  capture: 'errors',
  opens: 'call',
  failureContent: true,
});
export const FULL = ours('full', 'full capture, no code', { capture: 'full', opens: 'call' });
export const FULL_MODEL = ours('full-model', 'full capture, withRun and wrapModel', {
  capture: 'full',
  opens: 'model',
});
export const FULL_FAILED = ours('full-failed', "full capture, rawBodies: 'failed'", {
  capture: 'full',
  opens: 'call',
  rawBodies: 'failed',
});

export const UNDICI = rival('undici', 'instrumentation-undici', 'metadata');
export const OPENAI = rival('otel-openai', 'instrumentation-openai', 'metadata');
export const OPENLLMETRY = rival('openllmetry', 'OpenLLMetry', 'content');
export const OPENINFERENCE = rival('openinference', 'OpenInference', 'content');
export const LANGFUSE = rival('langfuse', 'Langfuse', 'content');
export const AI_TELEMETRY = rival('ai-telemetry', 'AI SDK telemetry', 'content', 2);
export const AI_LANGFUSE = rival('ai-langfuse', 'AI SDK telemetry, exported by Langfuse', 'content', 2);
