import type { Run } from '../types.js';

type Advance = (...args: unknown[]) => Promise<unknown>;

/**
 * The body of an async generator runs in the context of whoever asks for its next value, which is not that of
 * the run it came from. So asking is bound to the run, on the very object; any other value is left alone.
 */
export function keepInRun(value: unknown, run: Run): void {
  if (Object.prototype.toString.call(value) !== '[object AsyncGenerator]') return;
  const generator = value as Record<string, unknown>;
  for (const name of ['next', 'return', 'throw']) {
    const advance = generator[name];
    if (typeof advance !== 'function') continue;
    const bound: Advance = async (...args) => {
      try {
        return await run.with(() => Reflect.apply(advance, generator, args));
      } catch (error) {
        run.fail(error);
        throw error;
      }
    };
    Object.defineProperty(generator, name, { value: bound, configurable: true, writable: true });
  }
}
