import type { Attributes, AttributeValue } from '@opentelemetry/api';

/** Of a number or a boolean. */
const NUMBER_BYTES = 8;

/** Of a UTF-16 unit in UTF-8, at most. */
const MOST_BYTES = 3;

/** Names and values as UTF-8, without what a protocol puts around them. */
export function attributesBytes(attributes: Attributes): number {
  return sum(attributes, Buffer.byteLength);
}

/** As many bytes at most, told without a look at the characters. */
export function mostAttributesBytes(attributes: Attributes): number {
  return sum(attributes, mostBytes);
}

export function valueBytes(value: AttributeValue | null | undefined): number {
  return sumOfValue(value, Buffer.byteLength);
}

type BytesOf = (text: string) => number;

function mostBytes({ length }: string): number {
  return MOST_BYTES * length;
}

function sum(attributes: Attributes, bytesOf: BytesOf): number {
  let bytes = 0;
  for (const name of Object.keys(attributes)) bytes += bytesOf(name) + sumOfValue(attributes[name], bytesOf);
  return bytes;
}

function sumOfValue(value: AttributeValue | null | undefined, bytesOf: BytesOf): number {
  if (typeof value === 'string') return bytesOf(value);
  if (!Array.isArray(value)) return NUMBER_BYTES;
  let bytes = 0;
  for (const item of value) bytes += sumOfValue(item, bytesOf);
  return bytes;
}
