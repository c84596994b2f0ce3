import { parsed } from '../wire/json/json.js';
import type { Attempt, BodyText } from './attempt.js';
import type { BodyCapture } from './body/capture.js';
import { decodeBody } from './body/decode.js';
import { bodyText } from './body/text.js';
import { type HeaderList, headerValue } from './raw-headers.js';

/** The request's body, or `undefined` where there was none. */
export function requestText(attempt: Attempt): BodyText | undefined {
  const { requestBody, requestHeaders, bodyLimit } = attempt;
  return requestBody && (texts.get(attempt) ?? read(requestBody, requestHeaders, bodyLimit));
}

/** The same, as far as it was captured, which may be more than is kept of it as text. */
export function wholeRequestText(attempt: Attempt): BodyText | undefined {
  const { requestBody, requestHeaders, bodyLimit } = attempt;
  if (requestBody === undefined) return undefined;
  const whole = read(requestBody, requestHeaders, requestBody.limitBytes);
  const isEncoded = headerValue(requestHeaders, 'content-encoding') !== undefined;
  // Nearly always it is short enough to be both.
  if (whole !== undefined && !isEncoded && !whole.truncated && requestBody.captured <= bodyLimit)
    texts.set(attempt, whole);
  return whole;
}

/** Of attempts whose request has been read in full. */
const texts = new WeakMap<Attempt, BodyText>();

/**
 * The body of the request of a failed call outside full capture, parsed once; `undefined` where it is no JSON or not
 * held any more.
 */
export function sentRequest(attempt: Attempt): unknown {
  const known = sent.get(attempt);
  if (known !== undefined) return known.value;
  const text = attempt.sent?.text();
  if (text === undefined) return undefined;
  const value = parsed(text);
  sent.set(attempt, { value });
  return value;
}

const sent = new WeakMap<Attempt, { readonly value: unknown }>();

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
