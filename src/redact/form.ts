import { Edits } from './edits.js';
import { REDACTED } from './names.js';
import type { PartRules } from './part-rules.js';
import { percentDecoded, percentEncoded } from './url.js';

/** An escape that was cut. */
const CUT_ESCAPE = /%[0-9a-f]?$/i;

/**
 * Takes the fields of a form (`application/x-www-form-urlencoded`) and gives them without secrets: the values
 * of those whose name says so, as a member of JSON or as a query parameter, become `[REDACTED]`; other values
 * and names pass as texts, decoded. What holds no secret stays byte for byte.
 *
 * @param cut the last field goes on behind the end of the text
 */
export function redactForm(text: string, cut: boolean, { redactString, isSecretField }: PartRules): string {
  const edits = new Edits(text);
  const redactPart = (start: number, end: number, partCut: boolean) => {
    const raw = text.slice(start, end).replace(partCut ? CUT_ESCAPE : '', '');
    const before = decoded(raw);
    const after = redactString(before, partCut);
    if (after !== before) edits.replace(start, end, percentEncoded(after));
  };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('&', start);
    const end = found < 0 ? text.length : found;
    const isCut = cut && found < 0;
    const equals = text.slice(start, end).indexOf('=');
    const nameEnd = equals < 0 ? end : start + equals;
    redactPart(start, nameEnd, isCut && equals < 0);
    if (equals >= 0) {
      const name = decoded(text.slice(start, nameEnd));
      if (isSecretField(name)) edits.replace(nameEnd + 1, end, REDACTED);
      else redactPart(nameEnd + 1, end, isCut);
    }
    start = end + 1;
  }
  return edits.applied();
}

function decoded(raw: string): string {
  return percentDecoded(raw.replaceAll('+', ' '));
}
