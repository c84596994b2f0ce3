import { MAX_TEXT } from './bounded.js';
import type { Findings } from './findings.js';
import { headerReader } from './header.js';
import { isObject, read } from './read.js';
import { followBody, readBody } from './read-body.js';
import { REQUEST_ID_HEADERS } from './request-id-headers.js';
import { errorStatus } from './status.js';

const REQUEST_ID_FIELDS = ['requestID', 'requestId', 'request_id'];

/** Reads a response that an exception carries. */
function readResponse(response: object, findings: Findings): void {
  readStatus(response, findings);
  readHttp(response, findings);
}

/** Reads what an exception or a response holds of an HTTP exchange, but for the status. */
export function readHttp(holder: object, findings: Findings): void {
  readHeaders(holder, findings);
  readRequestId(holder, findings);
  const url = read(holder, 'url');
  if (typeof url === 'string') findings.url ??= url;
  readBodies(holder, findings);
  for (const key of ['response', '$response']) findings.follow(read(holder, key), readResponse);
}

export function readStatus(holder: object, findings: Findings): void {
  findings.code(read(holder, 'status'));
  findings.status(read(holder, 'statusCode'));
  findings.status(read(metadataOf(holder), 'httpStatusCode'));
}

/** Where the AWS SDK keeps it. */
function metadataOf(holder: object): object {
  const metadata = read(holder, '$metadata');
  return isObject(metadata) ? metadata : {};
}

function readHeaders(holder: object, findings: Findings): void {
  const header = headerReader(read(holder, 'headers')) ?? headerReader(read(holder, 'responseHeaders'));
  if (header === undefined) return;
  findings.headers ??= header;
  findings.called(findings.code(header('x-amzn-errortype')));
}

function readRequestId(holder: object, findings: Findings): void {
  for (const field of REQUEST_ID_FIELDS) findings.request(read(holder, field));
  findings.request(read(metadataOf(holder), 'requestId'));
  const { headers } = findings;
  if (headers === undefined) return;
  for (const name of REQUEST_ID_HEADERS) findings.request(headers(name));
}

/** A body that is no JSON is told only of a failure: that of a success is what the model wrote. */
function readBodies(holder: object, findings: Findings): void {
  followBody(read(holder, 'error'), findings);
  for (const key of ['responseBody', 'body', 'data']) {
    const body = read(holder, key);
    if (isObject(body)) findings.follow(body, readBody);
    if (typeof body !== 'string' || body === '' || body.length > MAX_TEXT) continue;
    if (/^\s{0,20}[{[]/.test(body) || isFailure(holder)) followBody(body, findings);
    return;
  }
}

function isFailure(holder: object): boolean {
  return (errorStatus(read(holder, 'status')) ?? errorStatus(read(holder, 'statusCode'))) !== undefined;
}
