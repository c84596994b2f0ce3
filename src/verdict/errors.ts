import { attachClassification } from '../error/index.js';

/** An answer that came to its end and is not whole all the same. */
export class IncompleteBodyError extends Error {
  override readonly name = 'IncompleteBodyError';
}

/** A stream that ended cleanly, without the event that ends a stream of its format and without a finish reason. */
export class StreamEndedEarlyError extends Error {
  override readonly name = 'StreamEndedEarlyError';

  constructor(lastEvent: string | undefined) {
    super(`stream closed before its terminal event${lastEvent === undefined ? '' : ` (last: ${lastEvent})`}`);
  }
}

/** A page for people came in place of an answer: of a proxy, a gateway, a login. */
export class WebPageError extends Error {
  override readonly name = 'WebPageError';

  constructor() {
    super('a web page came in place of an answer');
  }
}

/** A successful response that holds no answer. */
export class EmptyAnswerError extends Error {
  override readonly name = 'EmptyAnswerError';
}

/** A successful response in no format of a model API. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';

  constructor(firstLine: string | undefined) {
    super(
      firstLine === undefined
        ? 'the response is no answer of a model'
        : `the response is text: "${firstLine}"`,
    );
  }
}

/** The provider refused the content of the prompt or of the answer, by the answer's finish reason. */
export class RefusedContentError extends Error {
  override readonly name = 'RefusedContentError';

  constructor(
    /** The finish reason, in the provider's words. */
    readonly code: string,
  ) {
    super(`the provider refused the content: ${code}`);
  }
}

/** The answer's finish reason says that it failed. */
export class FailedFinishError extends Error {
  override readonly name = 'FailedFinishError';

  constructor(
    /** The finish reason, in the provider's words. */
    readonly code: string,
  ) {
    super(`the answer ended with the finish reason ${code}`);
  }
}

/** The exchange was aborted after a long silence of the provider. */
export class StreamSilenceError extends Error {
  override readonly name = 'StreamSilenceError';

  constructor() {
    super('aborted after the provider had sent nothing for longer than stallMillis');
    attachClassification(this, { kind: 'stream_silence_timeout' });
  }
}
