import { bodyText, TRUNCATED } from '../../../src/attempt/body/text';
import fc from '../../support/property.js';

const bytes = (text: string) => Buffer.from(text);
/** A lone surrogate is lost in the conversion to UTF-8 and back. */
const isWellFormed = (text: string) => bytes(text).toString() === text;

test('UTF-8 cut anywhere ends with a whole character and the marker', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-composite', minLength: 1 }), fc.nat(), (text, at) => {
      fc.pre(!text.includes('\0') && !text.startsWith('\u{feff}'));
      const whole = bytes(text);
      const cut = at % whole.length;
      const result = bodyText({ bytes: whole.subarray(0, cut), truncated: true }, 'text/plain');
      expect(result.endsWith(TRUNCATED)).toBe(true);
      const kept = result.slice(0, -TRUNCATED.length);
      expect(text.startsWith(kept)).toBe(true);
      expect(isWellFormed(kept)).toBe(true);
      expect(cut - Buffer.byteLength(kept)).toBeLessThan(4);
    }),
  );
});

test('any bytes become well-formed text', () => {
  const charset = fc.constantFrom('utf-8', 'utf-16le', 'latin1', 'shift_jis', 'gb18030');
  fc.assert(
    fc.property(fc.uint8Array(), fc.boolean(), charset, (random, truncated, name) => {
      const text = bodyText({ bytes: random, truncated }, `text/plain; charset=${name}`);
      expect(isWellFormed(text)).toBe(true);
    }),
  );
});

test.each([
  ['no charset', bytes('né'), 'text/plain', 'né'],
  ['no type', bytes('né'), undefined, 'né'],
  ['latin-1', Buffer.from('né', 'latin1'), 'text/plain; charset=ISO-8859-1', 'né'],
  ['quoted charset', Buffer.from('né', 'latin1'), 'text/plain;charset="latin1"', 'né'],
  ['UTF-16', Buffer.from('né', 'utf16le'), 'text/plain; charset=utf-16le', 'né'],
  ['unknown charset', bytes('né'), 'text/plain; charset=klingon', 'né'],
  ['wrong charset', Buffer.from('né', 'latin1'), 'text/plain; charset=utf-8', 'n\u{fffd}'],
  ['form', bytes('a=1'), 'application/x-www-form-urlencoded', 'a=1'],
  ['binary type', bytes('abc'), 'image/png', '[binary: image/png, 3 bytes]'],
  ['NUL in JSON', bytes('{\0}'), 'application/json', '[binary: application/json, 3 bytes]'],
  ['NUL without a type', bytes('\0'), undefined, '[binary: no type, 1 bytes]'],
  ['multipart, with a NUL in a file', bytes('--x\0'), 'multipart/form-data; boundary=x', '--x\0'],
])('%s', (_what, body, contentType, text) => {
  expect(bodyText({ bytes: body, truncated: false }, contentType)).toBe(text);
});

test('the length of a cut body that is not text is a minimum', () => {
  expect(bodyText({ bytes: bytes('abc'), truncated: true }, 'audio/wav')).toBe(
    '[binary: audio/wav, at least 3 bytes]',
  );
});
