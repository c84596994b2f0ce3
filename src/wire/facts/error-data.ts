import { cut } from '../content.js';
import { apart } from './apart.js';

/** What the classifier reads of an error's body, in characters ("Detail" in the reference). */
const ERROR_LENGTH = 65_536;

/** The data of an error event, as much of it as is of use. */
export function errorData(data: string): string {
  return data.length <= ERROR_LENGTH ? data : apart(cut(data, ERROR_LENGTH));
}
