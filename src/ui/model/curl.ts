import type { Fields } from '../../debug-tab/contract.js';
import * as names from '../../semconv.js';
import { headers, number, text } from './attributes.js';
import { webAddress } from './words.js';

/** Headers that curl adds itself or that belong to the recorded connection. */
const LEFT_OUT = /^(host|connection|content-length|transfer-encoding|accept-encoding|keep-alive|expect|te)$/;
/** Valid HTTP header names. curl reads `@name` as a file name. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const METHOD = /^[A-Z]+$/;

export interface CurlCommand {
  readonly command: string;
  /** Reasons why the command does not run unchanged. */
  readonly warnings: readonly string[];
}

/** Returns `undefined` if the URL is not recorded, as in errors capture. */
export function curlCommand(attributes: Fields): CurlCommand | undefined {
  const url = webAddress(text(attributes, names.ATTR_URL_FULL));
  const method = text(attributes, names.ATTR_HTTP_REQUEST_METHOD) ?? 'GET';
  const sent = headers(attributes, names.PREFIX_HTTP_REQUEST_HEADER);
  const body = text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY);
  if (url === undefined || !METHOD.test(method) || (sent.length === 0 && body === undefined)) {
    return undefined;
  }
  const kept = sent.filter(([name]) => HEADER_NAME.test(name) && !LEFT_OUT.test(name.toLowerCase()));
  const command = [
    `curl --globoff --request ${method} --url ${quoted(url)}`,
    ...kept.map(([name, value]) => `--header ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ].join(' \\\n  ');
  return { command, warnings: warningsOf(attributes, command, body) };
}

function warningsOf(attributes: Fields, command: string, body: string | undefined): readonly string[] {
  const size = number(attributes, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE) ?? 0;
  const warnings: [isTrue: boolean, warning: string][] = [
    [command.includes('REDACTED'), 'Secrets are redacted: put your own in the place of [REDACTED].'],
    [body?.endsWith('[TRUNCATED]') ?? false, 'The body is cut: only its beginning is recorded.'],
    [body === undefined && size > 0, 'The body is not recorded.'],
  ];
  return warnings.flatMap(([isTrue, warning]) => (isTrue ? [warning] : []));
}

/** Quotes a string for a POSIX shell. Removes NUL characters. */
export function quoted(value: string): string {
  return `'${value.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;
}
