import { targetOf } from '../../src/attempt/request-line.js';

test.each<[string, unknown, unknown, [string, string]]>([
  ['origin and path', 'https://a.b:8080', '/c?d=1', ['https://a.b:8080', '/c?d=1']],
  ['a URL for an origin', new URL('https://a.b/'), '/c', ['https://a.b', '/c']],
  ['user info stays for the redactor', 'http://u:p@a', '/', ['http://u:p@a', '/']],
  [
    'a whole URL for a path: a forward proxy',
    'http://proxy:3128',
    'http://a.b/c?d=1',
    ['http://a.b', '/c?d=1'],
  ],
  ['a whole URL without a path', 'http://proxy', 'HTTP://a.b?c', ['HTTP://a.b', '/?c']],
  ['a path that holds a URL', 'http://a', '/?to=http://b/', ['http://a', '/?to=http://b/']],
  ['no origin', undefined, '/c', ['', '/c']],
  ['an invalid origin', 'localhost', '/c', ['', '/c']],
  ['IPv6', 'http://[::1]:80', '/c', ['http://[::1]:80', '/c']],
])('%s', (_, origin, path, [expectedOrigin, expectedPath]) => {
  expect(targetOf(origin, path)).toEqual({ origin: expectedOrigin, path: expectedPath });
});
