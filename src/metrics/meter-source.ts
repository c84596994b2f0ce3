import { createNoopMeter, type Meter, type MeterProvider } from '@opentelemetry/api';
import { guarded } from '../self-diagnostics.js';
import { VERSION } from '../version.js';
import type { Instruments, Observed } from './instruments.js';

/** Loaded with the first meter that measures. */
const loadInstruments = () => require('./instruments.js') as typeof import('./instruments.js');

const NAME = 'opentelemetry-instrumentation-chatdebug';

/**
 * The instruments of the application's meter provider, which may be set after us, replaced, and taken away again:
 * asked for each time something is to be recorded. `undefined` where there is none, so that nothing is made ready
 * that nobody takes.
 */
export class MeterSource {
  #provider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(
    private readonly provider: () => MeterProvider,
    private readonly observed: () => Observed,
  ) {}

  get instruments(): Instruments | undefined {
    const provider = guarded('there is no meter provider to be had', undefined, this.provider);
    if (provider !== this.#provider) this.#take(provider);
    return this.#instruments;
  }

  stop(): void {
    guarded('a meter could not be let go', undefined, () => this.#instruments?.stop());
    this.#instruments = undefined;
  }

  #take(provider: MeterProvider | undefined): void {
    this.stop();
    // Before it is asked: one that fails is not asked again and again.
    this.#provider = provider;
    if (provider === undefined) return;
    guarded('the meter provider failed, there are no metrics', undefined, () => {
      const meter: Meter = provider.getMeter(NAME, VERSION);
      // All providers that measure nothing give this one.
      if (meter !== createNoopMeter())
        this.#instruments = loadInstruments().createInstruments(meter, this.observed);
    });
  }
}
