import { parsed } from '../wire/json/json.js';
import type { Attempt, BodyText } from './attempt.js';
import type { BodyCapture } from './body/capture.js';
import { bodyText, decodeBody } from './body/text.js';
import { type HeaderList, headerValue } from './request-line.js';

const requestTexts = new WeakMap<Attempt, BodyText>();
const parsedRequests = new WeakMap<Attempt, { readonly value: unknown }>();

/** Returns the request's body in full capture, up to `bodyLimit`; `undefined` if it is empty. */
export function requestText(attempt: Attempt): BodyText | undefined {
  const { requestBody, requestHeaders, bodyLimit } = attempt;
  return requestBody && (requestTexts.get(attempt) ?? readText(requestBody, requestHeaders, bodyLimit));
}

/** Returns the request's body as far as it was captured, which may be longer than `bodyLimit`. */
export function wholeRequestText(attempt: Attempt): BodyText | undefined {
  const { requestBody, requestHeaders, bodyLimit } = attempt;
  if (requestBody === undefined) return undefined;
  const whole = readText(requestBody, requestHeaders, requestBody.limitBytes);
  const isEncoded = headerValue(requestHeaders, 'content-encoding') !== undefined;
  // Usually it is short enough for both.
  if (whole !== undefined && !isEncoded && !whole.truncated && requestBody.captured <= bodyLimit)
    requestTexts.set(attempt, whole);
  return whole;
}

/**
 * Returns the parsed request body of a failed call in errors capture; `undefined` if it is not JSON or no longer held.
 * Parsed once.
 */
export function sentRequest(attempt: Attempt): unknown {
  const known = parsedRequests.get(attempt);
  if (known !== undefined) return known.value;
  const text = attempt.heldRequest?.text();
  if (text === undefined) return undefined;
  const value = parsed(text);
  parsedRequests.set(attempt, { value });
  return value;
}

export function releaseRequest(attempt: Attempt): void {
  attempt.heldRequest?.release();
  parsedRequests.delete(attempt);
}

/**
 * Returns the response's body in full capture, decoded once; `undefined` if it is empty. The exchange must have ended.
 */
export function responseText(attempt: Attempt): BodyText | undefined {
  const { responseBody, responseHeaders, bodyLimit } = attempt;
  if (responseBody === undefined) return undefined;
  const decoded = attempt.reading?.decoded;
  attempt.responseText ??=
    decoded === undefined
      ? readText(responseBody, responseHeaders, bodyLimit)
      : {
          text: bodyText(
            { bytes: decoded.subarray(0, bodyLimit), truncated: decoded.length > bodyLimit },
            headerValue(responseHeaders, 'content-type'),
          ),
          truncated: decoded.length > bodyLimit,
        };
  return attempt.responseText;
}

export function failureText({ failureBody, responseHeaders }: Attempt): BodyText | undefined {
  return failureBody && readText(failureBody, responseHeaders, failureBody.limitBytes);
}

function readText(body: BodyCapture, headers: HeaderList, limitBytes: number): BodyText | undefined {
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
