import { bounded } from './bounded.js';
import { templateOf } from './template.js';

/**
 * Exceptions whose message quotes the model's output or the application's code: "Cannot read properties of
 * undefined (reading 'timeout')" is no timeout. Their words are no evidence of what the provider did.
 */
const NOT_OF_THE_PROVIDER: ReadonlySet<string> = new Set([
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AI_InvalidArgumentError',
  'AI_InvalidPromptError',
  'AI_InvalidToolInputError',
  'AI_JSONParseError',
  'AI_NoObjectGeneratedError',
  'AI_NoSuchToolError',
  'AI_ToolCallRepairError',
  'AI_TypeValidationError',
  'AI_UnsupportedFunctionalityError',
]);

export function isAboutTheProvider(name: string | undefined): boolean {
  return name === undefined || !NOT_OF_THE_PROVIDER.has(name);
}

/** Exceptions whose message holds a piece of what the model wrote, whatever it says. */
const QUOTING: ReadonlySet<string> = new Set([
  'SyntaxError',
  'AI_InvalidResponseDataError',
  'AI_InvalidToolInputError',
  'AI_JSONParseError',
  'AI_ToolCallRepairError',
  'AI_TypeValidationError',
]);

/** The exception's message, or what may be told of it where it quotes content. */
export function tellable(name: string | undefined, message: string): string {
  return name !== undefined && QUOTING.has(name) ? templateOf(bounded(message)) : message;
}

/** What fetch and the SDKs call a connection that failed; the reason is in the cause, if there is one. */
const CONNECTION_FAILED: ReadonlySet<string> = new Set([
  'connection error.',
  'failed to fetch',
  'fetch failed',
  'load failed',
  'network error',
  'terminated',
]);

export function saysConnectionFailed(message: string): boolean {
  return message.length < 20 && CONNECTION_FAILED.has(message.toLowerCase());
}

/** Exceptions that make up a status where there was no response; the real one is in their cause. */
const INVENTS_STATUS: ReadonlySet<string> = new Set(['GatewayResponseError', 'GatewayTimeoutError']);

export function inventsStatus(name: string | undefined): boolean {
  return name !== undefined && INVENTS_STATUS.has(name);
}
