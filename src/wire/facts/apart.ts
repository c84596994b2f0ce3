/** A copy of the text. A slice keeps the text alive that it was taken from, which may be of any size. */
export function apart(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
