/** A backend could not be asked, or gave an answer that can't be used. The message names backend and reason. */
export class KeptRunsError extends Error {
  override readonly name = 'KeptRunsError';
}
