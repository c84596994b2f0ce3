const ENCODED_BYTE = /%([0-9a-f]{2})/gi;

/** Never throws: where an escape is broken, each byte that is one by itself is a character. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ENCODED_BYTE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

/** Half a surrogate pair can't be encoded, and is what a decoder makes of it. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
