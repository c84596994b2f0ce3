import type { Capture } from '../types.js';
import type { RunSource } from './sources.js';

/** Options of `createDebugTab`. */
export interface DebugTabOptions {
  /** One or more sources of runs, the fastest first: `[processRuns(), jaegerRuns({ … })]`. */
  readonly source: RunSource | readonly RunSource[];
  /**
   * Returns whether this request may see the runs of this chat. If it returns false, throws or rejects, the tab
   * answers 404, as for a chat that does not exist.
   *
   * @param chatId `undefined` for a run without a chat id and for the list of all chats
   */
  readonly authorize: (request: Request, chatId: string | undefined) => boolean | PromiseLike<boolean>;
  /** The path where the tab is mounted. Default: `/debug-tab`. */
  readonly path?: string | undefined;
  /** Returns the capture of the next turn of a chat. Default: the capture of the recording in this process. */
  readonly captureOf?: ((chatId: string, request: Request) => Capture | PromiseLike<Capture>) | undefined;
  /** Sets the capture of a chat. The page shows a switch if this is set. Default: none. */
  readonly setCapture?:
    | ((chatId: string, capture: 'errors' | 'full', request: Request) => void | PromiseLike<void>)
    | undefined;
  /** Shows the spans of other instrumentations in the trace of a run. Default: false. */
  readonly otherSpans?: boolean | undefined;
}

/** @throws TypeError for an invalid option */
export function validateOptions(options: DebugTabOptions): void {
  const { source, authorize, path, captureOf, setCapture, otherSpans } = options;
  const invalid = (option: string, expected: string) =>
    new TypeError(`Invalid option ${option} of createDebugTab: expected ${expected}`);
  const sources: readonly unknown[] = Array.isArray(source) ? source : [source];
  if (sources.length === 0 || !sources.every(isSource))
    throw invalid('source', 'jaegerRuns(…), tempoRuns(…), processRuns() or a list of them');
  if (typeof authorize !== 'function') throw invalid('authorize', 'a function (request, chatId) => boolean');
  if (path !== undefined && !/^\/[^?#]*$/.test(path)) throw invalid('path', 'a path that starts with /');
  if (captureOf !== undefined && typeof captureOf !== 'function') throw invalid('captureOf', 'a function');
  if (setCapture !== undefined && typeof setCapture !== 'function') throw invalid('setCapture', 'a function');
  if (otherSpans !== undefined && typeof otherSpans !== 'boolean')
    throw invalid('otherSpans', 'true or false');
}

function isSource(source: unknown): boolean {
  const { has, list, trace } = (source ?? {}) as Partial<RunSource>;
  return [has, list, trace].every((one) => typeof one === 'function');
}
