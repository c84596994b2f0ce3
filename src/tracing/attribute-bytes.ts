import type { Attributes, AttributeValue } from '@opentelemetry/api';

/** Of a number or a boolean. */
const NUMBER_BYTES = 8;

/** Names and values as UTF-8, without what a protocol puts around them. */
export function attributesBytes(attributes: Attributes): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(attributes))
    bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

export function valueBytes(value: AttributeValue | null | undefined): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (!Array.isArray(value)) return NUMBER_BYTES;
  let bytes = 0;
  for (const item of value) bytes += valueBytes(item);
  return bytes;
}
