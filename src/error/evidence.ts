import type { HeaderReader } from './header.js';
import type { AttachedClassification } from './types.js';

/** All that an error says about itself, its causes and the response it came from; what the rules look at. */
export interface Evidence {
  /** What the application attached, the outermost first. */
  readonly attached: AttachedClassification | undefined;
  /** The HTTP status that a field held. */
  readonly status: number | undefined;
  /** The HTTP status that the text speaks of, where no field held one. */
  readonly textStatus: number | undefined;
  /** Codes, types and names, of exceptions and of bodies, in lower case. */
  readonly codes: ReadonlySet<string>;
  /** The words of all of them, in lower case. */
  readonly text: string;
  /** The words of exceptions, the outermost first. */
  readonly said: readonly string[];
  /** The words of error bodies. */
  readonly answered: readonly string[];
  /** What the provider called the error: its code, else its type, else its status in words. */
  readonly providerCode: string | undefined;
  /** What Node.js or undici called it. */
  readonly systemCode: string | undefined;
  readonly exceptionType: string | undefined;
  readonly requestId: string | undefined;
  readonly headers: HeaderReader | undefined;
  readonly url: string | undefined;
}
