import type { Run } from '../types.js';

/** A run that a generator of the application's belongs to. */
export interface GeneratingRun extends Run {
  /** The generator is done: no step of it will follow. */
  generated(): void;
}

type Advance = (...args: unknown[]) => Promise<unknown>;

/**
 * The body of an async generator runs in the context of whoever asks for its next value, which is not that of
 * the run it came from. So asking is bound to the run, on the very object; any other value is left alone. The run ends
 * with the generator.
 */
export function keepInRun(value: unknown, run: GeneratingRun): void {
  if (Object.prototype.toString.call(value) !== '[object AsyncGenerator]') return;
  const generator = value as Record<string, unknown>;
  for (const name of ['next', 'return', 'throw']) {
    const advance = generator[name];
    if (typeof advance !== 'function') continue;
    const bound: Advance = async (...args) => {
      try {
        const result: unknown = await run.with(() => Reflect.apply(advance, generator, args));
        if ((result as { done?: unknown } | undefined)?.done === true) run.generated();
        return result;
      } catch (error) {
        run.fail(error);
        run.generated();
        throw error;
      }
    };
    Object.defineProperty(generator, name, { value: bound, configurable: true, writable: true });
  }
}
