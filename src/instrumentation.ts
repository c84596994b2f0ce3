import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import { isExporter } from './config/config.js';
import type { ChatDebugOptions } from './config/options.js';
import { configError } from './config/setting.js';
import type { ChatDebugHandle } from './handle.js';
import { warn } from './self-diagnostics.js';
import { startWith } from './start.js';
import type { LoggerProvider } from './tracing/exceptions.js';
import { VERSION } from './version.js';

/** {@link ChatDebugOptions} and the options of every OpenTelemetry instrumentation. */
export interface ChatDebugInstrumentationConfig extends ChatDebugOptions {
  /**
   * Whether it starts when it is constructed. Default: true. `registerInstrumentations` enables one that has
   * not started.
   */
  readonly enabled?: boolean;
}

/**
 * `startChatDebug` as an instrumentation for `registerInstrumentations` and `NodeSDK`. Implements the
 * `Instrumentation` interface of `@opentelemetry/instrumentation` without that package, since no module is patched.
 * docs/own-opentelemetry.md describes which provider receives what. An `exporter` in the configuration is flushed but
 * never shut down, since the instrumentation may be enabled again.
 *
 * @throws ChatDebugConfigError for an option or a variable that can't be used
 */
export class ChatDebugInstrumentation {
  readonly instrumentationName = 'opentelemetry-instrumentation-chatdebug';
  readonly instrumentationVersion: string = VERSION;
  #config: ChatDebugInstrumentationConfig;
  #handle: ChatDebugHandle | undefined;
  readonly #providers: {
    tracer?: TracerProvider | undefined;
    meter?: MeterProvider | undefined;
    logger?: LoggerProvider | undefined;
  } = {};

  constructor(config: ChatDebugInstrumentationConfig = {}) {
    this.#config = withDefaults(config);
    if (this.#config.enabled !== false) this.enable();
  }

  /** Starts recording if it is not started. */
  enable(): void {
    const { exporter } = this.#config;
    const options = isExporter(exporter) ? { ...this.#config, exporter: keptOpen(exporter) } : this.#config;
    this.#handle ??= startWith(options, this.#providers);
  }

  /** Stops recording. Kept spans are still delivered. */
  disable(): void {
    void this.#handle?.shutdown();
    this.#handle = undefined;
  }

  /** Delivers all ended spans: `forceFlush()` of the handle. */
  async forceFlush(options?: Parameters<ChatDebugHandle['forceFlush']>[0]): Promise<void> {
    await this.#handle?.forceFlush(options);
  }

  /** Returns the configuration of the constructor or of `setConfig`. */
  getConfig(): ChatDebugInstrumentationConfig {
    return this.#config;
  }

  /**
   * Sets the configuration of the next `enable()`, which checks it. Warns while recording.
   *
   * @throws ChatDebugConfigError if it is not an object
   */
  setConfig(config: ChatDebugInstrumentationConfig): void {
    this.#config = withDefaults(config);
    if (this.#handle !== undefined) warn('setConfig() takes effect with the next enable()');
  }

  /**
   * Sets the tracer provider for `pipeline: 'app'`. Default: the global one, even if it is registered or replaced later.
   */
  setTracerProvider(provider: TracerProvider): void {
    this.#providers.tracer = unlessGlobal(provider, trace.getTracerProvider());
  }

  /** Sets the meter provider. Default: the global one, even if it is registered or replaced later. */
  setMeterProvider(provider: MeterProvider): void {
    this.#providers.meter = unlessGlobal(provider, metrics.getMeterProvider());
  }

  /**
   * Sets the logger provider for exceptions as log records (`OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`). Default: the global
   * one, even if it is registered or replaced later.
   */
  setLoggerProvider(provider: LoggerProvider): void {
    this.#providers.logger = provider;
  }
}

function withDefaults(config: ChatDebugInstrumentationConfig): ChatDebugInstrumentationConfig {
  if (typeof config !== 'object' || config === null) throw configError('config', config, 'an object');
  return { enabled: true, ...config };
}

/** Without a provider, `registerInstrumentations` passes the global one, often too early. */
function unlessGlobal<P>(provider: P, global: P): P | undefined {
  return provider === global ? undefined : provider;
}

type Exporter = NonNullable<ChatDebugOptions['exporter']>;

function keptOpen(exporter: Exporter): Exporter {
  const forceFlush = async (): Promise<void> => exporter.forceFlush?.();
  return { export: (spans, done) => exporter.export(spans, done), forceFlush, shutdown: forceFlush };
}
