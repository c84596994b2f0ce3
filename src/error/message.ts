import type { ErrorKind } from './kind.js';

/** What people are told, by kind; `provider` is the name to show. ("Message" in the reference.) */
const MESSAGES: Readonly<Record<ErrorKind, (provider: string) => string>> = {
  overloaded: (provider) => `${provider} is temporarily overloaded.`,
  rate_limit: (provider) => `${provider} is rate limiting requests.`,
  usage_limit: (provider) => `The usage quota for ${provider} has been exceeded. Check plan and billing.`,
  auth: (provider) => `Authentication with ${provider} failed. Check the API key and what it may access.`,
  config: (provider) => `${provider} rejected the model configuration. Check the model and its settings.`,
  timeout: (provider) => `${provider} is temporarily unavailable.`,
  startup_timeout: (provider) => `${provider} did not begin to answer in time.`,
  provider_disabled: (provider) => `${provider} is disabled.`,
  content_filter: (provider) => `${provider} blocked the request or its answer for its content.`,
  missing_key: (provider) => `There is no API key for ${provider}.`,
  generic: (provider) => `${provider} returned an unexpected error.`,
  interrupted: () => 'The request was interrupted.',
};

export function messageFor(kind: ErrorKind, provider: string): string {
  const message = MESSAGES[kind](provider);
  return message.charAt(0).toUpperCase() + message.slice(1);
}
