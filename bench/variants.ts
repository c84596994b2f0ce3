/** One way to make the same calls; what the measured process is told. */
export interface Variant {
  readonly name: string;
  readonly label: string;
  /** `startChatDebug()` has been called, else the package is not loaded. */
  readonly started: boolean;
  /** The application has registered a tracer provider of its own. */
  readonly applicationTracing: boolean;
  /** The application makes each call inside an `AsyncLocalStorage` of its own. */
  readonly applicationContext: boolean;
  /** The application has a meter provider of its own, which is read but not exported. */
  readonly applicationMetrics: boolean;
  /** Each call is a run with one step. */
  readonly inRun: boolean;
  /** A call outside any run opens one by itself. */
  readonly opensRuns: boolean;
  /** What is recorded of a run that goes well: everything, or nothing. */
  readonly capture: 'full' | 'errors';
}

export const BARE: Variant = {
  name: 'bare',
  label: 'bare: package not loaded',
  started: false,
  applicationTracing: false,
  applicationMetrics: false,
  applicationContext: false,
  inRun: false,
  opensRuns: false,
  capture: 'full',
};

export const FULL: Variant = {
  name: 'full',
  label: 'full capture, bodies included',
  started: true,
  applicationTracing: false,
  applicationMetrics: false,
  applicationContext: false,
  inRun: true,
  opensRuns: true,
  capture: 'full',
};

export const VARIANTS: readonly Variant[] = [
  BARE,
  { ...BARE, name: 'bare-again', label: 'bare again: the noise' },
  { ...BARE, name: 'context', label: 'bare, in an AsyncLocalStorage', applicationContext: true },
  { ...FULL, name: 'outside', label: 'started, calls that are not recorded', inRun: false, opensRuns: false },
  {
    ...FULL,
    name: 'outside-with-tracing',
    label: "… and the application's own tracing",
    applicationTracing: true,
    inRun: false,
    opensRuns: false,
  },
  { ...FULL, name: 'errors', label: 'errors only, a run that goes well', capture: 'errors' },
  {
    ...FULL,
    name: 'errors-no-code',
    label: 'errors only, no code: the call opens its run',
    capture: 'errors',
    inRun: false,
  },
  {
    ...FULL,
    name: 'errors-with-metrics',
    label: '… and the application has metrics',
    capture: 'errors',
    applicationMetrics: true,
  },
  FULL,
];

/** A run that is written is one span, and its step another. */
export function spansPerCall({ inRun, opensRuns, capture }: Variant): number {
  return (inRun || opensRuns) && capture === 'full' ? 2 : 0;
}
