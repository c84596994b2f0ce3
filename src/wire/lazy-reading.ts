import type { WireReading } from './format.js';

/**
 * What reads the bodies of a format, loaded with the first body that is read: in errors mode that may be never.
 *
 * @param load gives the module that reads them; `require` gives the same one each time
 */
export function lazyReading(load: () => WireReading): WireReading {
  return {
    readRequest: (body) => load().readRequest(body),
    readResponse: (body) => load().readResponse(body),
    openStream: () => load().openStream(),
  };
}
