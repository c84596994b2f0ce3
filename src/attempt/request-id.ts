import { REQUEST_ID_HEADERS } from '../error/index.js';
import { type HeaderList, headerValue } from './raw-headers.js';

/** The provider's id of a request, by which its support finds it; `undefined` where it gave none. */
export function requestId(responseHeaders: HeaderList): string | undefined {
  for (const name of REQUEST_ID_HEADERS) {
    const value = headerValue(responseHeaders, name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
