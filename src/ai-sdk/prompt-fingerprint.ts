import { BodyFingerprint } from '../wire/body-fingerprint.js';

const MAX_DEPTH = 64;

/** Tells whether two prompts say the same. Files in them are looked at as they are, without being encoded. */
export function promptFingerprint(prompt: unknown): BodyFingerprint {
  const fingerprint = new BodyFingerprint();
  feed(fingerprint, prompt, 0);
  return fingerprint;
}

function feed(fingerprint: BodyFingerprint, value: unknown, depth: number): void {
  if (ArrayBuffer.isView(value)) {
    fingerprint.add(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) {
    fingerprint.add(`${typeof value} ${String(value)}`);
  } else if (value instanceof URL) {
    fingerprint.add(value.href);
  } else {
    for (const [name, member] of Object.entries(value)) {
      // Where a try says nothing of a member, another may say `undefined`.
      if (member === undefined) continue;
      fingerprint.add(`${name}:`);
      feed(fingerprint, member, depth + 1);
    }
    fingerprint.add(';');
  }
}
