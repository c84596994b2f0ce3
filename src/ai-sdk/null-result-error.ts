/** A model gave back nothing where its answer must be (reference row R12). The application gets what it gave. */
export class NullResultError extends Error {
  override readonly name = 'NullResultError';

  constructor(method: 'doGenerate' | 'doStream') {
    super(`${method} of the model gave back no result`);
  }
}
