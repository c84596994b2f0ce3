import type { Reply } from '../../support/reply.js';

/** The header by which the provider knows which exchange a request is of. */
export const EXCHANGE_HEADER = 'x-exchange';

/** What a client asks and a provider answers. */
export interface Exchange {
  readonly reply: Reply;
  /** @param origin the provider's, without a slash at its end */
  call(origin: string): Promise<void>;
}
