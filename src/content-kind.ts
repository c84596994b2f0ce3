import { remembered } from './remembered.js';

/** What sort of body a content type announces, as far as it matters for reading and judging it. */
export type ContentKind = 'json' | 'ndjson' | 'sse' | 'form' | 'multipart' | 'binary' | 'text';

type Rule = readonly [pattern: RegExp, kind: ContentKind];

/** The first that matches; a type that none matches is binary. */
const RULES: readonly Rule[] = [
  [/^text\/event-stream$/, 'sse'],
  [/^(?:application|text)\/(?:x-)?(?:ndjson|jsonl|json-?lines)$/, 'ndjson'],
  [/^(?:application|text)\/json$|\+json$/, 'json'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\//, 'multipart'],
  [/^text\/|\+(?:xml|yaml)$/, 'text'],
  [/^application\/(?:x-)?(?:xml|yaml|javascript|graphql|toml|jwt|http)$/, 'text'],
  // None, or a word that is no type: its bytes will tell.
  [/^[^/]*$/, 'text'],
];

const kindOf = remembered((contentType): ContentKind => {
  const type = mediaType(contentType);
  return RULES.find(([pattern]) => pattern.test(type))?.[1] ?? 'binary';
});

/** @param contentType the header as it came, parameters included; absent is text */
export function contentKind(contentType = ''): ContentKind {
  return kindOf(contentType);
}

/** The type without its parameters, in lower case; the first one where a proxy has joined two headers. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').slice(0, 200).split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? '';
}
