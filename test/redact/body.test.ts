import { bodyRedactor } from '../../src/redact/body';

const R = '[REDACTED]';
const redact = bodyRedactor({ keys: ['ssn'], except: ['Page-Secret'] });
const KEY = 'sk-abcdefghijklmnopqrstuvwxyz0123456789';

interface Row {
  readonly name: string;
  readonly type?: string;
  readonly text: string;
  readonly truncated?: boolean;
  /** Absent if nothing changes. */
  readonly redacted?: string;
}

const check = ({ type, text, truncated = false, redacted = text }: Row) =>
  expect(redact({ text, contentType: type, truncated })).toBe(redacted);

describe('NDJSON', () => {
  const type = 'application/x-ndjson';
  test.each<Row>([
    {
      name: 'line by line',
      text: '{"a":1.0}\n\n{"token":"x"}\r\n',
      redacted: `{"a":1.0}\n\n{"token":"${R}"}\r\n`,
    },
    { name: 'a line that is no JSON', text: '{"a":1}\npassword\n[2]', redacted: `{"a":1}\n${R}\n[2]` },
    {
      name: 'a cut line',
      truncated: true,
      text: '{"a":1}\n{"token":"x',
      redacted: `{"a":1}\n{"token":"${R}"`,
    },
  ])('$name', (row) => check({ type, ...row }));
});

describe('event streams', () => {
  const type = 'text/event-stream; charset=utf-8';
  test.each<Row>([
    {
      name: 'untouched',
      text: ': hi\r\nevent: a\r\ndata: {"a" : 1.0}\r\n\r\ndata:{}\n\ndata: [DONE]\n\ndata\n\nid: 1\r\r',
    },
    {
      name: 'data as JSON',
      text: 'event: a\ndata: {"api_key":"x"}\n\n',
      redacted: `event: a\ndata: {"api_key":"${R}"}\n\n`,
    },
    {
      name: 'data in several lines',
      text: 'data: {"a":1,\ndata: "api_key":\r\ndata:  "x"}\r\n\r\n',
      redacted: `data: {"a":1,\ndata: "api_key":\r\ndata:  "${R}"}\r\n\r\n`,
    },
    {
      name: 'a secret of several lines',
      text: 'data: {"token":{\nid: 1\ndata: "x":1\ndata: }}\n\ndata: 2\n\n',
      redacted: `data: {"token":"${R}"}\nid: 1\n\ndata: 2\n\n`,
    },
    {
      name: 'events without a line between',
      text: 'data: {"a":1}\ndata: {"token":"x"}\n',
      redacted: `data: {"a":1}\ndata: {"token":"${R}"}\n`,
    },
    { name: 'data that are text', text: `data: key ${KEY}\n\n`, redacted: `data: key ${R}\n\n` },
    {
      name: 'data that begin as JSON',
      text: 'data: {"password":"x"\n\ndata: 1\n\n',
      redacted: `data: ${R}\n\ndata: 1\n\n`,
    },
    {
      name: 'an incomplete last event',
      text: 'data: {"a":1}\n\ndata: {"token":"x',
      redacted: `data: {"a":1}\n\ndata: {"token":"${R}"`,
    },
    {
      name: 'comments and fields',
      text: `: ${KEY}\nid: ${KEY}\n${KEY}\n\n`,
      redacted: `: ${R}\nid: ${R}\n${R}\n\n`,
    },
    {
      name: 'a cut event',
      truncated: true,
      text: 'data: {"a":"b"}\n\ndata: {"a":"Bearer ab',
      redacted: 'data: {"a":"b"}\n\ndata: {"a":"Bearer ',
    },
    { name: 'JSON instead', text: '{\n"error":{"token":"x"}}', redacted: `{\n"error":{"token":"${R}"}}` },
    { name: 'what begins as JSON', text: '{\n"password":"x"', redacted: R },
  ])('$name', (row) => check({ type, ...row }));
});

describe('forms', () => {
  const type = 'application/x-www-form-urlencoded';
  test.each<Row>([
    { name: 'untouched', text: 'grant_type=client_credentials&scope=a+b%20c&x=%zz&y&=&' },
    {
      name: 'by name',
      text: 'client_secret=a&refresh%5Ftoken=b&code=c&ssn=d&page_secret=e&max_tokens=5',
      redacted: `client_secret=${R}&refresh%5Ftoken=${R}&code=${R}&ssn=${R}&page_secret=e&max_tokens=5`,
    },
    {
      name: 'by shape, decoded',
      text: `a=x+s%6B-${KEY.slice(3)}%20y&b=1`,
      redacted: 'a=x%20%5BREDACTED%5D%20y&b=1',
    },
    { name: 'behind a broken escape', text: `a=%zz%20${KEY}`, redacted: 'a=%25zz%20%5BREDACTED%5D' },
    {
      name: 'JSON in a value',
      text: 'a=%7B%22token%22%3A%22x%22%7D',
      redacted: 'a=%7B%22token%22%3A%22%5BREDACTED%5D%22%7D',
    },
    { name: 'JSON instead, as curl -d sends it', text: '{"token":"x"}', redacted: `{"token":"${R}"}` },
    { name: 'cut', truncated: true, text: 'a=hello+wor%6', redacted: 'a=hello%20' },
    { name: 'cut in a secret', truncated: true, text: 'a=b&token=wor', redacted: `a=b&token=${R}` },
  ])('$name', (row) => check({ type, ...row }));
});

describe('multipart', () => {
  const type = 'multipart/form-data; boundary="b o"';
  const part = (headers: string, content: string) =>
    `--b o\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${content}\r\n`;
  const body = (...parts: string[]) => `${parts.join('')}--b o--\r\n`;
  const file = (content: string) => part('name="file"; filename="a.png"\r\nContent-Type: image/png', content);
  test.each<Row>([
    { name: 'untouched', text: body(part('name="purpose"', 'a --b o b\r\n--b'), part('name=model', '')) },
    {
      name: 'by name',
      text: body(part('name="api_key"', 'x'), part('name=ssn', 'y')),
      redacted: body(part('name="api_key"', R), part('name=ssn', R)),
    },
    {
      name: 'files',
      text: body(file('123'), file('\ufffdPNG\0')),
      redacted: body(file('[image/png, 3 bytes]'), file('[image/png, about 5 bytes]')),
    },
    {
      name: 'JSON',
      text: body(part('name="a"\r\nContent-Type: application/json', '{"token":1}')),
      redacted: body(part('name="a"\r\nContent-Type: application/json', `{"token":"${R}"}`)),
    },
    {
      name: 'JSON and keys in text',
      text: body(part('name="a"', '{"token":1}'), part('name="b"', KEY)),
      redacted: body(part('name="a"', `{"token":"${R}"}`), part('name="b"', R)),
    },
    {
      name: 'parts in a part',
      text: body(part('name="a"\r\nContent-Type: multipart/mixed; boundary=c', '--c\r\n\r\nx')),
      redacted: body(
        part('name="a"\r\nContent-Type: multipart/mixed; boundary=c', '[multipart/mixed, 8 bytes]'),
      ),
    },
    {
      name: 'cut in a file',
      truncated: true,
      text: file('12345').slice(0, -2),
      redacted: file('[image/png, at least 5 bytes]').slice(0, -2),
    },
    {
      name: 'cut in a text',
      truncated: true,
      text: part('name="a"', 'hello wor').slice(0, -2),
      redacted: part('name="a"', 'hello ').slice(0, -2),
    },
    {
      name: 'the boundary by the first line',
      type: 'multipart/form-data',
      text: body(part('name="token"', 'x')),
      redacted: body(part('name="token"', R)),
    },
    { name: 'no boundary', text: 'password', redacted: '[multipart/form-data, 8 bytes]' },
  ])('$name', (row) => check({ type, ...row }));
});

describe('text, and bodies that only claim another type', () => {
  test.each<Row>([
    { name: 'untouched', text: 'Bad gateway, try = again: a&b {"a":1}' },
    { name: 'keys', text: `<p>${KEY}</p>`, redacted: `<p>${R}</p>` },
    {
      name: 'a data URL',
      text: 'x url(data:font/woff2;base64,AAAA) y',
      redacted: 'x url([font/woff2, 3 bytes]) y',
    },
    { name: 'JSON', text: '\n{"token":1}', redacted: `\n{"token":"${R}"}` },
    {
      name: 'JSON in lines',
      text: '{"token":1}\n{"token":2}\n',
      redacted: `{"token":"${R}"}\n{"token":"${R}"}\n`,
    },
    {
      name: 'an event stream',
      text: 'event: a\ndata: {"token":1}\n\n',
      redacted: `event: a\ndata: {"token":"${R}"}\n\n`,
    },
    { name: 'cut', truncated: true, text: 'the key is "a" sk-ab', redacted: 'the key is "a" ' },
    { name: 'a cut URL', truncated: true, text: 'see postgres://me:пароль', redacted: 'see ' },
    { name: 'cut where there are no spaces', truncated: true, text: '世界和平sk-ab', redacted: '世界和平' },
    {
      name: 'a cut data URL',
      truncated: true,
      text: 'x data:a/b;base64,AAAA',
      redacted: 'x [a/b, at least 3 bytes]',
    },
    { name: 'cut JSON', truncated: true, text: '{"a":1,"token":"x', redacted: `{"a":1,"token":"${R}"` },
  ])('$name', (row) => {
    check({ type: 'text/plain', ...row });
    check(row);
  });
});

test('binary data is named by its type and size', () => {
  check({ name: '', type: 'image/png; a=b', text: 'a\0\ufffd', redacted: '[image/png, about 3 bytes]' });
});

describe('cut JSON', () => {
  test.each([
    ['{"a":"hello wor', '{"a":"hello '],
    ['{"a":"hello wor\\u00', '{"a":"hello '],
    ['{"a":"x\\n\\u0020sk-ab', '{"a":"x\\n\\u0020'],
    ['{"a":"x","password":"hun', `{"a":"x","password":"${R}"`],
    ['{"a":"x","password":', '{"a":"x","password":'],
    ['{"a":"x","pass', '{"a":"x",'],
    ['{"a":{"token":[1,{"b":2},', `{"a":{"token":"${R}"`],
    ['{"n":-1.5e', '{"n":-1.5e'],
    ['{"n":tr', '{"n":tr'],
    ['{"a":"{\\"password\\":\\"hun', `{"a":"{\\"password\\":\\"${R}\\"`],
    ['{"a":"{\\"b\\":\\"hello wor', '{"a":"{\\"b\\":\\"hello '],
    [`{"data":"${'A'.repeat(1000)}`, '{"data":"[base64, at least 750 bytes]'],
    ['{"a":1}', '{"a":1}'],
    ['{"a" 1', R],
    ['<html', R],
  ])('%s', (text, redacted) => {
    check({ name: '', type: 'application/json', truncated: true, text, redacted });
  });
});
