import type { Attributes } from '@opentelemetry/api';
import type { ErrorText } from '../error/index.js';
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '../semconv.js';
import type { Failure } from '../step/outcome.js';
import { cut } from '../wire/content.js';
import { detailOf } from './error-attributes.js';

const MESSAGE_LENGTH = 10_000;
const STACK_LENGTH = 20_000;
const MAX_FRAMES = 200;

/**
 * The attributes of an `exception` event; `undefined` where what was thrown is no error. An error of another
 * realm (jest, a worker's message) is told by its shape. A property that throws is left out. Unless its words are
 * written in full, the message is the normalised one, and of the stack only the frames are there.
 */
export function exceptionAttributes(
  { error, classification }: Failure,
  words: ErrorText,
): Attributes | undefined {
  const message = text(error, 'message');
  const stack = text(error, 'stack');
  if (message === undefined && stack === undefined) return undefined;
  const whole = words === 'full';
  return {
    [ATTR_EXCEPTION_TYPE]: exceptionType(error),
    [ATTR_EXCEPTION_MESSAGE]: whole ? shortened(message, MESSAGE_LENGTH) : detailOf(classification, words),
    [ATTR_EXCEPTION_STACKTRACE]: shortened(whole ? stack : frames(stack, message), STACK_LENGTH),
  };
}

function shortened(words: string | undefined, max: number): string | undefined {
  return words && cut(words, max);
}

/** V8 begins a stack with the message as it was then, whose lines may look like frames. */
function frames(stack = '', message = ''): string {
  const at = stack.indexOf(message);
  const lines = stack.slice(at < 0 ? 0 : at + message.length).split('\n', MAX_FRAMES);
  return lines.filter((line) => line.startsWith('    at ')).join('\n');
}

/** The class where it has a name of its own: SDKs leave `name` at `Error`. */
function exceptionType(error: unknown): string | undefined {
  const name = text(error, 'name');
  if (name !== undefined && name !== 'Error') return name;
  try {
    return (error as Error).constructor.name || name;
  } catch {
    return name;
  }
}

function text(error: unknown, property: 'name' | 'message' | 'stack'): string | undefined {
  try {
    const value: unknown = (error as Record<string, unknown>)[property];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
