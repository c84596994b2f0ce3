type Method = (...args: never) => unknown;

/** What is called in the place of a method of the original; `call` makes the very call that was asked for. */
export type Instead = (name: string | symbol, call: () => unknown, args: readonly unknown[]) => unknown;

/**
 * An object that behaves as the original does, but for what its methods give back. Getters and methods work on
 * the original itself, since they may need its private fields.
 *
 * @param instead also for the call of an original that is a function, by the name `''`
 */
export function facade<T extends object>(original: T, instead: Instead): T {
  const methods = new Map<string | symbol, { readonly of: Method; readonly method: Method }>();
  const replaced = (name: string | symbol, of: Method): Method => {
    const known = methods.get(name);
    if (known?.of === of) return known.method;
    const method = new Proxy(of, {
      apply: (_, self: unknown, args: unknown[]) =>
        instead(name, () => Reflect.apply(of, self === proxy ? original : self, args), args),
    });
    methods.set(name, { of, method });
    return method;
  };
  const proxy: T = new Proxy(standIn(original), {
    get: (_, name) => {
      const value: unknown = Reflect.get(original, name, original);
      return isMethod(value) && name !== 'constructor' ? replaced(name, value) : value;
    },
    set: (_, name, value) => Reflect.set(original, name, value, original),
    apply: (_, self, args) =>
      isMethod(original) ? instead('', () => Reflect.apply(original, self, args), args) : undefined,
  });
  return proxy;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/**
 * What the proxy is of: the original, but where methods of it can't be replaced, as those of a frozen object, a
 * copy of which they can.
 */
function standIn<T extends object>(original: T): T {
  const own = Object.getOwnPropertyDescriptors(original);
  const descriptors: [string | symbol, PropertyDescriptor][] = Reflect.ownKeys(own).map((name) => [
    name,
    Reflect.get(own, name),
  ]);
  const isFixed = descriptors.some(
    ([, { value, writable, configurable }]) => isMethod(value) && !writable && !configurable,
  );
  if (!isFixed) return original;
  const copy = isMethod(original) ? () => {} : {};
  for (const [name, descriptor] of descriptors) {
    Reflect.defineProperty(copy, name, { ...descriptor, configurable: true });
  }
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(original));
}
