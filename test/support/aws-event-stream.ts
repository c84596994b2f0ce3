import { EventStreamCodec } from '@smithy/eventstream-codec';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

/** A message encoded by AWS's own codec. */
export function awsMessage(headers: Readonly<Record<string, string>>, payload: string | Buffer): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }] as const);
  return Buffer.from(
    codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(payload as string) }),
  );
}

export function awsEvent(type: string, payload: unknown): Buffer {
  const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' };
  return awsMessage(headers, typeof payload === 'string' ? payload : JSON.stringify(payload));
}

export function awsException(type: string, message: string): Buffer {
  const headers = {
    ':exception-type': type,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  };
  return awsMessage(headers, JSON.stringify({ message }));
}

/** One event of a model's own stream, wrapped like Bedrock does. */
export function awsChunk(value: unknown): Buffer {
  const bytes = Buffer.from(JSON.stringify(value)).toString('base64');
  return awsEvent('chunk', { bytes, p: 'abcdef' });
}
