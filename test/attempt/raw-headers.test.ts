import { runInNewContext } from 'node:vm';
import { headerValue, readHeaders } from '../../src/attempt/request-line.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each<[string, unknown, string[]]>([
  ['a list of Buffers', [bytes('X-A'), bytes('caf\xe9'), bytes('b'), bytes('')], ['x-a', 'caf\xe9', 'b', '']],
  ['a list of strings', ['X-A', '1', 'b', '2'], ['x-a', '1', 'b', '2']],
  ['a list with several values of one name', ['X-A', ['1', '2']], ['x-a', '1', 'x-a', '2']],
  ['bytes of another realm', [runInNewContext('new Uint8Array([65])'), bytes('1')], ['a', '1']],
  ['a name without its value', ['a', '1', 'b'], ['a', '1']],
  ['one string of lines', 'X-A: 1\r\nb:2\r\nc: d: e\r\n', ['x-a', '1', 'b', '2', 'c', 'd: e']],
  ['lines that are no headers', 'GET / HTTP/1.1\r\n: x\r\na: 1\r\n\r\n', ['a', '1']],
  ['an object', { 'X-A': '1', b: ['2', '3'], c: 4 }, ['x-a', '1', 'b', '2', 'b', '3', 'c', '4']],
  ['an object of HTTP/2', { ':status': 200, ':path': '/', 'x-a': '1' }, ['x-a', '1']],
  ['an empty list', [], []],
  ['nothing', undefined, []],
  ['null', null, []],
  ['a number', 7, []],
])('%s', (_, raw, read) => {
  expect(readHeaders(raw)).toEqual(read);
});

test('returns the first value of a header, by its lower-case name', () => {
  const headers = readHeaders(['A', 'b', 'B', '1', 'b', '2']);
  expect(['a', 'b', 'c', '1'].map((name) => headerValue(headers, name))).toEqual([
    'b',
    '1',
    undefined,
    undefined,
  ]);
});
