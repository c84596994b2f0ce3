import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { isExporter } from './config/config.js';
import type { ChatDebugOptions } from './config/options.js';
import type { ChatDebugHandle } from './handle.js';
import { startWith } from './start.js';
import { VERSION } from './version.js';

/** {@link ChatDebugOptions}, and what every OpenTelemetry instrumentation takes. */
export interface ChatDebugInstrumentationConfig extends ChatDebugOptions {
  /**
   * Whether it starts when it is constructed. Default: true. `registerInstrumentations` enables one that has
   * not started.
   */
  readonly enabled?: boolean;
}

/**
 * `startChatDebug` in the form that `registerInstrumentations` takes (OpenTelemetry's `Instrumentation`
 * interface). It patches no module, so the base class with its module hooks is not needed, and it keeps its
 * own pipeline unless `pipeline` is `app`: then its spans go to the tracer provider it is given. An `exporter`
 * in its configuration is flushed and never shut down, since it may be enabled again.
 *
 * @throws ChatDebugConfigError for an option or a variable that can't be used
 */
export class ChatDebugInstrumentation {
  readonly instrumentationName = 'opentelemetry-instrumentation-chatdebug';
  readonly instrumentationVersion = VERSION;
  #config: ChatDebugInstrumentationConfig;
  #handle: ChatDebugHandle | undefined;
  #providers: { tracer?: TracerProvider; meter?: MeterProvider } = {};

  constructor(config: ChatDebugInstrumentationConfig = {}) {
    this.#config = { enabled: true, ...config };
    if (this.#config.enabled !== false) this.enable();
  }

  /** Starts recording, unless it has started. */
  enable(): void {
    const { exporter } = this.#config;
    const options = isExporter(exporter) ? { ...this.#config, exporter: keptOpen(exporter) } : this.#config;
    this.#handle ??= startWith(options, this.#providers);
  }

  /** Undoes everything at once; what was kept is still delivered. */
  disable(): void {
    void this.#handle?.shutdown();
    this.#handle = undefined;
  }

  /** Delivers what has ended, as `forceFlush()` of `startChatDebug`'s handle. */
  async forceFlush(options?: Parameters<ChatDebugHandle['forceFlush']>[0]): Promise<void> {
    await this.#handle?.forceFlush(options);
  }

  /** What it was constructed with, or given by `setConfig`. */
  getConfig(): ChatDebugInstrumentationConfig {
    return this.#config;
  }

  /** Takes effect with the next `enable()`. */
  setConfig(config: ChatDebugInstrumentationConfig): void {
    this.#config = { enabled: true, ...config };
  }

  /** The application's provider, which `pipeline: 'app'` writes to. Default: the global one. */
  setTracerProvider(provider: TracerProvider): void {
    this.#providers.tracer = provider;
  }

  /** Where the metrics go, from now on. Default: the global one. */
  setMeterProvider(provider: MeterProvider): void {
    this.#providers.meter = provider;
  }
}

type Exporter = NonNullable<ChatDebugOptions['exporter']>;

function keptOpen(exporter: Exporter): Exporter {
  const forceFlush = async (): Promise<void> => exporter.forceFlush?.();
  return { export: (spans, done) => exporter.export(spans, done), forceFlush, shutdown: forceFlush };
}
