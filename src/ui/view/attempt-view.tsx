import * as names from '../../semconv.js';
import { absentOfAttempt } from '../model/absent.js';
import { headers, json, number, object, text } from '../model/attributes.js';
import { curlCommand } from '../model/curl.js';
import { laidOut } from '../model/json-text.js';
import type { Attempt } from '../model/run-tree.js';
import { bytes, duration, statusWord, time } from '../model/words.js';
import { CopyButton } from './actions.js';
import { Absent, type FactList, Facts, Fold, LongText } from './parts.js';

interface AttemptProps {
  readonly attempt: Attempt;
  readonly isFull: boolean;
  readonly isOpen: boolean;
}

export function AttemptView({ attempt, isFull, isOpen }: AttemptProps) {
  const { number: no, statusCode, status, durationMillis, attributes } = attempt;
  const requestId = text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID);
  const facts = [statusCode ?? 'no response', statusWord(status), duration(durationMillis), requestId];
  return (
    <Fold isOpen={isOpen} title={`Attempt ${no}: ${facts.filter((fact) => fact !== undefined).join(' · ')}`}>
      {() => <Exchange attempt={attempt} isFull={isFull} />}
    </Fold>
  );
}

function Exchange({ attempt, isFull }: Omit<AttemptProps, 'isOpen'>) {
  const { attributes, startedAt } = attempt;
  const curl = curlCommand(attributes);
  const retryAfter = number(attributes, names.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS);
  const address = [
    text(attributes, names.ATTR_HTTP_REQUEST_METHOD),
    text(attributes, names.ATTR_URL_FULL) ?? text(attributes, names.ATTR_URL_PATH),
  ];
  return (
    <>
      <Facts
        facts={[
          ['request', address.filter((word) => word !== undefined).join(' ')],
          ['server', serverOf(attempt)],
          ['started', time(startedAt)],
          ['protocol', text(attributes, names.ATTR_NETWORK_PROTOCOL_NAME)],
          ['error type', text(attributes, names.ATTR_ERROR_TYPE)],
          ['message of the provider', text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE)],
          ['the provider asked to wait', retryAfter === undefined ? undefined : duration(retryAfter)],
          ...chunkTiming(attempt),
        ]}
      />
      <Absent sentences={absentOfAttempt(attempt, isFull)} />
      {curl !== undefined && (
        <div class="line">
          <CopyButton label="Copy as curl" text={() => curl.command} />
          {curl.warnings.map((warning) => (
            <span key={warning} class="quiet">
              {warning}
            </span>
          ))}
        </div>
      )}
      <Headers title="Request headers" list={headers(attributes, names.PREFIX_HTTP_REQUEST_HEADER)} />
      <Body
        title="Request body"
        body={text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY)}
        size={number(attributes, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE)}
      />
      <Headers title="Response headers" list={headers(attributes, names.PREFIX_HTTP_RESPONSE_HEADER)} />
      <Body
        title="Response body"
        body={text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY)}
        size={number(attributes, names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE)}
      />
    </>
  );
}

function serverOf({ attributes }: Attempt): string | undefined {
  const address = text(attributes, names.ATTR_SERVER_ADDRESS);
  const port = number(attributes, names.ATTR_SERVER_PORT);
  return address === undefined || port === undefined ? address : `${address}:${port}`;
}

const PAUSE_LIMITS = ['10 ms', '100 ms', '1 s', '10 s'];

function chunkTiming({ attributes }: Attempt): FactList {
  const timing = object(json(attributes, names.ATTR_CHATDEBUG_ATTEMPT_CHUNK_TIMING));
  if (timing === undefined) return [];
  const [millis, before] = pairsOf([timing['longest']])[0] ?? [];
  const counts = Array.isArray(timing['pauses']) ? timing['pauses'] : [];
  const pauses = counts.flatMap((pauseCount, at) => {
    if (typeof pauseCount !== 'number' || pauseCount === 0) return [];
    const limit = PAUSE_LIMITS[at];
    return [`${pauseCount} ${limit === undefined ? 'longer' : `below ${limit}`}`];
  });
  const longest =
    millis === undefined || before === undefined ? undefined : `${duration(millis)}, after ${bytes(before)}`;
  return [
    ['first chunks', chunkText(timing['first'])],
    ['last chunks', chunkText(timing['last'])],
    ['pauses between chunks', pauses.join(', ')],
    ['longest pause', longest],
  ];
}

function chunkText(value: unknown): string {
  return pairsOf(value)
    .map(([millis, size]) => `${bytes(size)} after ${duration(millis)}`)
    .join('; ');
}

function pairsOf(value: unknown): readonly (readonly [number, number])[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair) => {
    const [first, second] = Array.isArray(pair) ? pair : [];
    return typeof first === 'number' && typeof second === 'number' ? [[first, second] as const] : [];
  });
}

interface HeadersProps {
  readonly title: string;
  readonly list: readonly (readonly [string, string])[];
}

function Headers({ title, list }: HeadersProps) {
  if (list.length === 0) return null;
  return <Fold title={`${title} (${list.length})`}>{() => <Facts facts={list} />}</Fold>;
}

interface BodyProps {
  readonly title: string;
  readonly body: string | undefined;
  /** The size on the wire in bytes. */
  readonly size: number | undefined;
}

/** Longer bodies are not indented. */
const LAID_OUT_LENGTH = 200_000;

function Body({ title, body, size }: BodyProps) {
  if (body === undefined) return null;
  const isCut = body.endsWith('[TRUNCATED]');
  const facts = [size === undefined ? undefined : `${bytes(size)} on the wire`, isCut ? 'cut' : undefined];
  const suffix = facts.filter((fact) => fact !== undefined).join(', ');
  return (
    <Fold title={suffix === '' ? title : `${title}, ${suffix}`}>
      {() => (
        <>
          {isCut && <p class="quiet">Only the beginning is recorded (option maxBodyBytes).</p>}
          <CopyButton label={`Copy the ${title.toLowerCase()}`} text={() => body} />
          <LongText text={body.length > LAID_OUT_LENGTH ? body : laidOut(body)} />
        </>
      )}
    </Fold>
  );
}
