/** Asked first: most texts have no number. */
const DIGITS = /[45]\d\d/;

const NAMED =
  /(?<![a-z0-9])(?:status(?:[ _-]?code)?|http(?:\/\d(?:\.\d)?)?)["']?[ :=]{0,3}["']?([45]\d\d)(?![\w.])/;

/** A number that only counts something ("500 tokens", "after 503 ms") says nothing about the response. */
const BARE =
  /(?<![\w.:$#/-])(401|403|408|429|500|502|503|504|529)(?![\w%]|[.,]\d| ?(?:ms|milliseconds|s|seconds|tokens|characters|bytes|kb|mb|items|requests)(?![a-z]))/g;

const STREAM_ID = /stream id[ :=]{0,3}$/;

/** The status of a failure, 400 to 599, as a number or in digits; anything else is none. */
export function errorStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^[45]\d\d$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : undefined;
}

/**
 * The status a text in lower case speaks of: after `status`, `status code` or `http`, else one of the known
 * ones by itself, unless it is a port or the id of an HTTP/2 stream. ("Status" in the reference.)
 */
export function statusInText(text: string): number | undefined {
  if (!DIGITS.test(text)) return undefined;
  const named = NAMED.exec(text)?.[1];
  if (named !== undefined) return Number(named);
  for (const match of text.matchAll(BARE)) {
    if (!STREAM_ID.test(text.slice(Math.max(0, match.index - 14), match.index))) return Number(match[1]);
  }
  return undefined;
}
