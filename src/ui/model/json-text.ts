import { parsed } from './attributes.js';

/**
 * Indents JSON and returns any other text unchanged. Does not parse and serialize, so that long numbers and duplicate
 * names are preserved.
 */
export function laidOut(text: string): string {
  if (!/^\s*[[{]/.test(text) || parsed(text) === undefined) return text;
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  return tokens
    .map((token) => {
      if (token === '{' || token === '[') {
        depth += 1;
        return token + line();
      }
      if (token === '}' || token === ']') {
        depth -= 1;
        return line() + token;
      }
      if (token === ',') return token + line();
      return token === ':' ? ': ' : token;
    })
    .join('');
}
