import type { ChatDebugInstrumentationConfig } from '../instrumentation.js';
import { VERSION } from '../version.js';

/** The instrumentation of that name, which records nothing here. */
export class ChatDebugInstrumentation {
  readonly instrumentationName = 'opentelemetry-instrumentation-chatdebug';
  readonly instrumentationVersion = VERSION;
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
}
