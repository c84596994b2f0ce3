import type { Reply } from '../../support/reply.js';

/** The header by which the provider finds the exchange of a request. */
export const EXCHANGE_HEADER = 'x-exchange';

/** The request of a client and the response of a provider. */
export interface Exchange {
  readonly reply: Reply;
  /** @param origin the provider's, without a trailing slash */
  call(origin: string): Promise<void>;
}
