import { memoize } from './memoize.js';

export type ContentKind = 'json' | 'ndjson' | 'sse' | 'form' | 'multipart' | 'binary' | 'text';

type Rule = readonly [pattern: RegExp, kind: ContentKind];

/** The first match counts. Any other type is binary. */
const RULES: readonly Rule[] = [
  [/^text\/event-stream$/, 'sse'],
  [/^(?:application|text)\/(?:x-)?(?:ndjson|jsonl|json-?lines)$/, 'ndjson'],
  [/^(?:application|text)\/json$|\+json$/, 'json'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\//, 'multipart'],
  [/^text\/|\+(?:xml|yaml)$/, 'text'],
  [/^application\/(?:x-)?(?:xml|yaml|javascript|graphql|toml|jwt|http)$/, 'text'],
  // No type, or not a valid one: the bytes decide.
  [/^[^/]*$/, 'text'],
];

const kindOf = memoize((contentType): ContentKind => {
  const type = mediaType(contentType);
  return RULES.find(([pattern]) => pattern.test(type))?.[1] ?? 'binary';
});

/** @param contentType the header value with its parameters; `undefined` is text */
export function contentKind(contentType = ''): ContentKind {
  return kindOf(contentType);
}

/** Returns the media type in lower case, without parameters. If a proxy has joined two headers, returns the first. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').slice(0, 200).split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? '';
}
