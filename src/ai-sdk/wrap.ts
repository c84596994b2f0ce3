import {
  checkedModelOptions,
  isLanguageModel,
  type LanguageModel,
  type ModelOptions,
} from './language-model.js';
import { recordGenerate, recordStream } from './record-call.js';

/**
 * Wraps a language model of the AI SDK so that each call is a step of the current run. The result behaves as the model
 * does and has the same specification version (v2, v3 or v4). A call is passed through unrecorded outside a run,
 * before start-up, and if the run is not captured. Inside `withStep`, a call is part of that step. Models of other
 * kinds (image, embedding, speech, transcription) are returned unchanged.
 *
 * @param options describe the calls; they override those of the run
 * @throws TypeError if `model` is not an object or a function
 */
export function wrapModel<M extends object>(model: M, options?: ModelOptions): M {
  requireObject('wrapModel', 'a model', model);
  if (!isLanguageModel(model)) return model;
  const given = checkedModelOptions(options);
  return intercept(model, (name, call, [callOptions]) => {
    if (name === 'doGenerate') {
      return recordGenerate({ model, operation: 'generate', options: callOptions, given }, call);
    }
    if (name === 'doStream') {
      return recordStream({ model, operation: 'stream', options: callOptions, given }, call);
    }
    return call();
  });
}

/**
 * Wraps a provider or a provider registry of the AI SDK. Each language model that it returns is wrapped as by
 * `wrapModel`, whichever method returns it: `provider('id')`, `provider.languageModel('id')`, `provider.chat('id')`
 * and so on. Everything else, models of other kinds included, is returned unchanged.
 *
 * @param options describe the calls of all its models; they override those of the run
 * @throws TypeError if `provider` is not an object or a function
 */
export function wrapProvider<P extends object>(provider: P, options?: ModelOptions): P {
  requireObject('wrapProvider', 'a provider or a registry', provider);
  const given = checkedModelOptions(options);
  // A model that the provider returns twice is wrapped once.
  const wrapped = new WeakMap<object, object>();
  return intercept(provider, (_, call) => {
    const result = call();
    if (!isLanguageModel(result)) return result;
    const model = wrapped.get(result) ?? wrapModel(result, given);
    wrapped.set(result, model);
    return model;
  });
}

function requireObject(name: string, what: string, value: unknown): void {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return;
  const given = value === null ? 'null' : typeof value;
  throw new TypeError(`${name} expects ${what} of the AI SDK, got ${given}`);
}

/** What the AI SDK passes to a middleware; only these members are used. */
interface MiddlewareCall {
  readonly params: unknown;
  readonly model: Pick<LanguageModel, 'provider' | 'modelId'>;
}

/** A middleware for `wrapLanguageModel`, in specification v2, v3 and v4. */
export interface ChatDebugMiddleware<Version extends string> {
  /** The specification version that the middleware declares. */
  readonly specificationVersion: Version;
  /** Records a call of `doGenerate`. */
  wrapGenerate<R>(call: MiddlewareCall & { readonly doGenerate: () => PromiseLike<R> }): Promise<R>;
  /** Records a call of `doStream`. */
  wrapStream<R>(call: MiddlewareCall & { readonly doStream: () => PromiseLike<R> }): Promise<R>;
}

/**
 * Returns a middleware that does what `wrapModel` does, for `wrapLanguageModel` and for the `languageModelMiddleware`
 * of a registry. Put it last: the last middleware is next to the model and sees the final request.
 *
 * @param options as for `wrapModel`. `specificationVersion` is the version that the middleware declares, which the
 *   AI SDK only uses as a type. Default: the version that the type of the context expects.
 */
export function chatDebugMiddleware<Version extends 'v2' | 'v3' | 'v4'>(
  options?: ModelOptions & { readonly specificationVersion?: Version },
): ChatDebugMiddleware<Version> {
  const given = checkedModelOptions(options);
  return {
    specificationVersion: options?.specificationVersion ?? ('v4' as Version),
    wrapGenerate: async ({ doGenerate, params, model }) =>
      recordGenerate({ model, operation: 'generate', options: params, given }, doGenerate),
    wrapStream: async ({ doStream, params, model }) =>
      recordStream({ model, operation: 'stream', options: params, given }, doStream),
  };
}

type Method = (...args: never) => unknown;

/** Called in place of a method. `call` calls the original method with the original arguments. */
type Interceptor = (name: string | symbol, call: () => unknown, args: readonly unknown[]) => unknown;

/**
 * Returns a proxy of `target` whose methods call `interceptor`. Getters and methods run with `target` itself as
 * `this`, because they may use private fields. If `target` is a function, a call of it has the name `''`.
 */
function intercept<T extends object>(target: T, interceptor: Interceptor): T {
  const methods = new Map<string | symbol, { readonly original: Method; readonly intercepted: Method }>();
  const intercepted = (name: string | symbol, original: Method): Method => {
    const known = methods.get(name);
    if (known?.original === original) return known.intercepted;
    const method = new Proxy(original, {
      apply: (_, self: unknown, args: unknown[]) =>
        interceptor(name, () => Reflect.apply(original, self === proxy ? target : self, args), args),
    });
    methods.set(name, { original, intercepted: method });
    return method;
  };
  const proxy: T = new Proxy(proxyTarget(target), {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return isMethod(value) && name !== 'constructor' ? intercepted(name, value) : value;
    },
    set: (_, name, value) => Reflect.set(target, name, value, target),
    apply: (_, self, args) =>
      isMethod(target) ? interceptor('', () => Reflect.apply(target, self, args), args) : undefined,
  });
  return proxy;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/**
 * Returns the target of the proxy: `original`, or a copy of it if it has read-only methods, as a frozen object does. A
 * proxy must return the value of a read-only property of its target.
 */
function proxyTarget<T extends object>(original: T): T {
  const own = Object.getOwnPropertyDescriptors(original);
  const descriptors: [string | symbol, PropertyDescriptor][] = Reflect.ownKeys(own).map((name) => [
    name,
    Reflect.get(own, name),
  ]);
  const hasFixedMethod = descriptors.some(
    ([, { value, writable, configurable }]) => isMethod(value) && !writable && !configurable,
  );
  if (!hasFixedMethod) return original;
  const copy = isMethod(original) ? () => {} : {};
  for (const [name, descriptor] of descriptors) {
    Reflect.defineProperty(copy, name, { ...descriptor, configurable: true });
  }
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(original));
}
