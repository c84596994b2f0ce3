import { mediaType } from '../content-kind.js';
import type { Attempt } from './attempt.js';
import { headerValue } from './raw-headers.js';

/** A page for people came where a model should have answered: of a proxy, a gateway, a login. */
export class WebPageError extends Error {
  override readonly name = 'WebPageError';

  constructor() {
    super('a web page came in place of an answer');
  }
}

/** A recognised call got a web page, whatever its status: no wire format answers with one. */
export function isWebPage({ call, responseHeaders }: Attempt): boolean {
  return call !== undefined && mediaType(headerValue(responseHeaders, 'content-type')) === 'text/html';
}
