import type * as undici from 'undici';

export type Undici = typeof undici;

export interface Copy {
  /** The name its users know, e.g. `undici 6`. */
  readonly name: string;
  readonly major: number;
  readonly undici: Undici;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
export const NODE_MAJOR = major;
const runsUndici8 = major > 22 || (major === 22 && minor >= 19);

const load = (name: string): Undici => require(name);

/** The copies of undici that this Node runs. The types are those of version 7, which has everything used here. */
export const COPIES: readonly Copy[] = [
  { name: 'undici 5', major: 5, undici: load('undici5') },
  { name: 'undici 6', major: 6, undici: load('undici6') },
  { name: 'undici 7', major: 7, undici: load('undici') },
  ...(runsUndici8 ? [{ name: 'undici 8', major: 8, undici: load('undici8') }] : []),
];

/** Callbacks of a handler for `dispatch`, by their names in undici 5 to 7. */
export interface Callbacks {
  readonly onConnect?: (abort: (reason: Error) => void) => void;
  readonly onBodySent?: () => void;
  readonly onRequestSent?: () => void;
  readonly onHeaders?: (statusCode: number) => void;
  readonly onData?: () => void;
  readonly onComplete?: () => void;
  readonly onError?: (error: Error) => void;
}

/** Returns a handler in the form of this version. A callback that is left out does nothing. */
export function handlerOf({ major }: Pick<Copy, 'major'>, callbacks: Callbacks): object {
  const { onBodySent, onRequestSent, onConnect, onHeaders, onData, onComplete, onError } = callbacks;
  const going = (callback?: () => void) => () => {
    callback?.();
    return true;
  };
  const sent = { onBodySent: going(onBodySent), onRequestSent: going(onRequestSent) };
  if (major < 8)
    return {
      ...sent,
      onConnect: (abort: (reason: Error) => void) => onConnect?.(abort),
      onHeaders: (statusCode: number) => going(() => onHeaders?.(statusCode))(),
      onData: going(onData),
      onComplete: going(onComplete),
      onError: (error: Error) => onError?.(error),
    };
  return {
    ...sent,
    onRequestStart: (controller: undici.Dispatcher.DispatchController) =>
      onConnect?.((reason) => controller.abort(reason)),
    onResponseStart: (_: unknown, statusCode: number) => onHeaders?.(statusCode),
    onResponseData: going(onData),
    onResponseEnd: going(onComplete),
    onResponseError: (_: unknown, error: Error) => onError?.(error),
  };
}
