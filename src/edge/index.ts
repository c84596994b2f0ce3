/**
 * The main entry for edge runtimes and browsers. It exports the same names and records nothing: functions that take a
 * function call it. Functions that need no Node.js work as usual.
 */
import type { ChatDebugOptions } from '../config/options.js';
import type { ChatDebugHandle } from '../handle.js';
import type { ChatDebugInstrumentationConfig } from '../instrumentation.js';
import { NOTHING_STARTED, UNRECORDED_STEP } from '../nothing-started.js';
import type { Run, RunOptions, Step, StepOptions } from '../types.js';
import { VERSION } from '../version.js';

export { ChatDebugConfigError } from '../config/setting.js';
export { classifyError, explainError } from '../error/classification.js';
// error/index.js also exports fingerprints, which need node:crypto.
export { attachClassification } from '../error/evidence.js';
export { ERROR_KINDS } from '../error/kinds.js';
export { ErrorKindSampler } from '../sampling/error-kind-sampler.js';

export function startChatDebug(_options?: ChatDebugOptions): ChatDebugHandle {
  return NOTHING_STARTED;
}

export function chatDebug(): ChatDebugHandle {
  return NOTHING_STARTED;
}

export function withRun<T>(options: RunOptions, fn: (run: Run) => T): T {
  return fn(startRun(options));
}

export function startRun(options: RunOptions): Run {
  return {
    id: options?.runId ?? globalThis.crypto?.randomUUID?.() ?? NIL_UUID,
    traceId: undefined,
    with: (fn) => fn(),
    fail() {},
    end() {},
  };
}

/** Browsers have no `crypto.randomUUID` outside a secure context. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

export function withStep<T>(_options: StepOptions, fn: (step: Step) => T): T {
  return fn(UNRECORDED_STEP);
}

export function reuseStep<T>(fn: () => T): T {
  return fn();
}

export function recordedFetch<F>(fetch: F): F {
  return fetch;
}

export function installFetch(): () => void {
  return () => {};
}

export class ChatDebugInstrumentation {
  readonly instrumentationName = 'opentelemetry-instrumentation-chatdebug';
  readonly instrumentationVersion: string = VERSION;
  #config: ChatDebugInstrumentationConfig;

  constructor(config: ChatDebugInstrumentationConfig = {}) {
    this.#config = { enabled: true, ...config };
  }

  enable(): void {}

  disable(): void {}

  async forceFlush(): Promise<void> {}

  getConfig(): ChatDebugInstrumentationConfig {
    return this.#config;
  }

  setConfig(config: ChatDebugInstrumentationConfig): void {
    this.#config = { enabled: true, ...config };
  }

  setTracerProvider(): void {}

  setMeterProvider(): void {}

  setLoggerProvider(): void {}
}
