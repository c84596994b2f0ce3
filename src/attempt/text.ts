import type { Attempt, BodyText } from './attempt.js';
import type { BodyCapture } from './body/capture.js';
import { decodeBody } from './body/decode.js';
import { bodyText } from './body/text.js';
import { type HeaderList, headerValue } from './raw-headers.js';

/** The request's body, or `undefined` where there was none. */
export function requestText(attempt: Attempt): BodyText | undefined {
  return read(attempt.requestBody, attempt.requestHeaders);
}

/** The response's body, or `undefined` where there was none. Decoded once, when the exchange is over. */
export function responseText(attempt: Attempt): BodyText | undefined {
  attempt.responseText ??= read(attempt.responseBody, attempt.responseHeaders);
  return attempt.responseText;
}

function read(body: BodyCapture, headers: HeaderList): BodyText | undefined {
  if (body.size === 0) return undefined;
  const contentType = headerValue(headers, 'content-type');
  const decoded = decodeBody({
    bytes: body.bytes(),
    truncated: body.truncated,
    contentEncoding: headerValue(headers, 'content-encoding'),
    limitBytes: body.limitBytes,
  });
  if ('undecodable' in decoded)
    return { text: `[${decoded.undecodable}: ${body.size} bytes]`, truncated: true };
  return { text: bodyText(decoded, contentType), truncated: decoded.truncated };
}
