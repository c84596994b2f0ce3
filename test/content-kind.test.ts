import { contentKind, mediaType } from '../src/content-kind';

test.each([
  ['application/json', 'json'],
  ['Application/JSON; charset=utf-8', 'json'],
  ['application/problem+json', 'json'],
  ['text/json', 'json'],
  ['application/json, application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/json-lines', 'ndjson'],
  ['text/event-stream;charset=UTF-8', 'sse'],
  ['text/plain', 'text'],
  ['text/html; charset=iso-8859-1', 'text'],
  ['image/svg+xml', 'text'],
  ['application/xml', 'text'],
  ['', 'text'],
  [undefined, 'text'],
  ['nonsense', 'text'],
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data; boundary=x', 'multipart'],
  ['image/png', 'binary'],
  ['audio/mpeg', 'binary'],
  ['video/mp4', 'binary'],
  ['application/octet-stream', 'binary'],
  ['application/pdf', 'binary'],
  ['application/vnd.amazon.eventstream', 'binary'],
  ['made/up', 'binary'],
])('%s is %s', (contentType, kind) => {
  expect(contentKind(contentType)).toBe(kind);
});

test('the media type has no parameters and a bounded length', () => {
  expect(mediaType(' Text/Plain ; charset=x')).toBe('text/plain');
  expect(mediaType('x'.repeat(10_000))).toHaveLength(200);
});
