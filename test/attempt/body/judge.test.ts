import { type JudgedBody, judgeBody } from '../../../src/attempt/body/judge';

const OK: JudgedBody = {
  method: 'POST',
  statusCode: 200,
  contentType: 'application/json',
  contentLength: undefined,
  size: 7,
  text: '{"a":1}',
  truncated: false,
};

const CASES: readonly (readonly [what: string, facts: Partial<JudgedBody>, reason?: string])[] = [
  ['whole JSON', {}],
  ['whole JSON of the announced length', { contentLength: '7' }],
  ['cut JSON', { text: '{"a":' }, 'the body is no complete JSON'],
  ['cut JSON of an error', { statusCode: 500, text: '{"a":' }, 'the body is no complete JSON'],
  ['no JSON where JSON was announced', { text: 'oops' }, 'the body is no complete JSON'],
  ['nothing where JSON was announced', { size: 0, text: '' }, 'the body is no complete JSON'],
  ['nothing, as announced', { size: 0, text: '', contentLength: '0' }],
  ['JSON behind the end of the capture', { text: '{"a":[TRUNCATED]', truncated: true, size: 90_000 }],
  [
    'fewer bytes than announced, behind the end of the capture',
    { truncated: true, size: 90_000, contentLength: '90001' },
    'the body ended after 90000 of 90001 bytes',
  ],
  ['fewer bytes than announced', { contentLength: '8' }, 'the body ended after 7 of 8 bytes'],
  [
    'fewer bytes of text than announced',
    { contentType: 'text/plain', contentLength: '8' },
    'the body ended after 7 of 8 bytes',
  ],
  ['a length that is none', { contentLength: 'many' }],
  ['text', { contentType: 'text/plain', text: 'oops' }],
  ['NDJSON', { contentType: 'application/x-ndjson', text: '{}\n{"a"' }],
  ['an event stream', { contentType: 'text/event-stream', text: 'data: {' }],
  ['an event stream with a length', { contentType: 'text/event-stream', contentLength: '900' }],
  ['HEAD', { method: 'HEAD', size: 0, text: '', contentLength: '900' }],
  ['100', { statusCode: 100, size: 0, text: '' }],
  ['204', { statusCode: 204, size: 0, text: '' }],
  ['304', { statusCode: 304, size: 0, text: '', contentLength: '900' }],
];

for (const [what, facts, reason] of CASES) {
  test(what, () => {
    const expected = reason === undefined ? { complete: true } : { complete: false, reason };
    expect(judgeBody({ ...OK, ...facts })).toEqual(expected);
  });
}
