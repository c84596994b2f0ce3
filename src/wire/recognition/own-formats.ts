import { types } from 'node:util';
import { contentKind } from '../../content-kind.js';
import { guarded, warn } from '../../self-diagnostics.js';
import {
  lazyReading,
  type RecognisedCall,
  type RequestLine,
  streamFraming,
  type WireFormat,
  type WireFormatName,
} from '../format.js';
import { asLabel, asObject } from '../json/json.js';
import type { OutgoingRequest, OwnCall, OwnFormat } from '../reading/own-format.js';
import { knownProvider, urlOf } from './providers.js';

/** Guards against recursion: `match` may call `fetch`. */
let isMatching = false;

/** @param base the known format of `like` */
export function ownFormat(described: OwnFormat, base: WireFormat | undefined): WireFormat {
  const format: WireFormat = {
    ...(base ?? { isOpen: true, isFreeForm: true }),
    ...lazyReading(() => loadReading().ownReading(described, base)),
    name: described.name,
    like: described.like,
    // Polls cannot be recognised, so no step waits for them.
    isPolled: false,
    match(line) {
      const said = callSaid(ask(described, line));
      return said && call(format, described, line, said);
    },
  };
  return format;
}

function ask({ match }: OwnFormat, line: RequestLine): unknown {
  const request = isMatching ? undefined : outgoingRequest(line);
  if (request === undefined) return undefined;
  isMatching = true;
  const answer = guarded('match of a format failed, the request counts as none of it', undefined, () =>
    match(request),
  );
  isMatching = false;
  return answer;
}

const loadReading = () => require('../reading/own-format.js') as typeof import('../reading/own-format.js');

export function outgoingRequest(line: RequestLine): OutgoingRequest | undefined {
  const url = urlOf(line);
  return url && { method: line.method, url: url.href, hostname: url.hostname, pathname: url.pathname };
}

function callSaid(matched: unknown): OwnCall | undefined {
  if (matched === true) return {};
  if (!types.isPromise(matched)) return asObject(matched);
  matched.catch(() => {});
  warn('match of a format returned a promise: expected true, false or an object, the request counts as none');
  return undefined;
}

function call(format: WireFormat, { name, like }: OwnFormat, line: RequestLine, said: OwnCall) {
  const url = urlOf(line);
  const isStreamOrNot = said.operation === 'stream' || said.operation === 'generate';
  return {
    format,
    operationName: OPERATION_NAMES.get(like) ?? 'chat',
    provider: asLabel(said.provider) ?? (url && knownProvider(url)) ?? name,
    model: asLabel(said.model),
    operation: isStreamOrNot ? said.operation : undefined,
  } satisfies RecognisedCall;
}

/** Formats with another operation than `chat`. */
const OPERATION_NAMES: ReadonlyMap<WireFormatName | undefined, RecognisedCall['operationName']> = new Map([
  ['openai-completions', 'text_completion'],
  ['gemini-generate-content', 'generate_content'],
]);

const UNKNOWN: OwnFormat = { name: 'unknown', match: () => false };
const unknownFormat = ownFormat(UNKNOWN, undefined);

/** A call of an unknown endpoint, proven by a response that is JSON or a stream. */
export function unknownCall(line: RequestLine): RecognisedCall | undefined {
  const url = urlOf(line);
  if (url === undefined) return undefined;
  return {
    format: unknownFormat,
    operationName: 'chat',
    provider: knownProvider(url) ?? url.hostname,
    model: undefined,
    operation: undefined,
    proof: { header: () => false, body: () => false, response: isAnswer },
  };
}

function isAnswer(statusCode: number, contentType: string | undefined): boolean {
  if (statusCode >= 400) return true;
  const isRead = contentKind(contentType) === 'json' || streamFraming(contentType) !== undefined;
  return statusCode >= 200 && statusCode < 300 && statusCode !== 204 && isRead;
}
