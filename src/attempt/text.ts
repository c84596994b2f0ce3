import type { Attempt, BodyText } from './attempt.js';
import type { BodyCapture } from './body/capture.js';
import { decodeBody } from './body/decode.js';
import { bodyText } from './body/text.js';
import { type HeaderList, headerValue } from './raw-headers.js';

/** The request's body, or `undefined` where there was none. */
export function requestText({ requestBody, requestHeaders, bodyLimit }: Attempt): BodyText | undefined {
  return requestBody && read(requestBody, requestHeaders, bodyLimit);
}

/** The same, as far as it was captured, which may be more than is kept of it as text. */
export function wholeRequestText({ requestBody, requestHeaders }: Attempt): BodyText | undefined {
  return requestBody && read(requestBody, requestHeaders, requestBody.limitBytes);
}

/** The response's body, or `undefined` where there was none. Decoded once, when the exchange is over. */
export function responseText(attempt: Attempt): BodyText | undefined {
  const { responseBody, responseHeaders, bodyLimit } = attempt;
  if (responseBody === undefined) return undefined;
  const decoded = attempt.reading?.decoded;
  attempt.responseText ??=
    decoded === undefined
      ? read(responseBody, responseHeaders, bodyLimit)
      : {
          text: bodyText(
            { bytes: decoded.subarray(0, bodyLimit), truncated: decoded.length > bodyLimit },
            headerValue(responseHeaders, 'content-type'),
          ),
          truncated: decoded.length > bodyLimit,
        };
  return attempt.responseText;
}

/** The beginning of the body of a failed response. */
export function failureText({ failureBody, responseHeaders }: Attempt): BodyText | undefined {
  return failureBody && read(failureBody, responseHeaders, failureBody.limitBytes);
}

function read(body: BodyCapture, headers: HeaderList, limitBytes: number): BodyText | undefined {
  if (body.size === 0) return undefined;
  const contentType = headerValue(headers, 'content-type');
  const decoded = decodeBody({
    bytes: body.bytes().subarray(0, limitBytes),
    truncated: body.truncated || body.captured > limitBytes,
    contentEncoding: headerValue(headers, 'content-encoding'),
    limitBytes,
  });
  if ('undecodable' in decoded)
    return { text: `[${decoded.undecodable}: ${body.size} bytes]`, truncated: true };
  return { text: bodyText(decoded, contentType), truncated: decoded.truncated };
}
