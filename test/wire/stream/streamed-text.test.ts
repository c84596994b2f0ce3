import { STREAMED_TEXT_BYTES } from '../../../src/wire/content.js';
import { StreamedText } from '../../../src/wire/stream/streamed-parts.js';
import fc from '../../support/property.js';

function collected(...pieces: readonly string[]): StreamedText {
  const text = new StreamedText();
  for (const piece of pieces) text.append(piece);
  return text;
}

const bytes = (text: string): number => Buffer.byteLength(text);

test('a text that fits is kept whole', () => {
  const text = collected('Hel', '', 'lo');
  expect(text.part('text')).toEqual({ type: 'text', content: 'Hello' });
  expect(text.length).toBe(5);
  expect(collected().part('reasoning')).toEqual({ type: 'reasoning', content: '' });
});

test.each([
  ['of 1 byte', 'a', 50_000],
  ['of 2 bytes', 'é', 25_000],
  ['of 3 bytes', '€', 16_666],
  ['of 4 bytes', '😀', 12_500],
])('characters %s are kept up to the bound', (_, character, most) => {
  expect(collected(character.repeat(most)).part('text')).not.toHaveProperty('full_length');
  const text = collected(character.repeat(most), character, 'the end');
  expect(text.content).toBe(character.repeat(most));
  expect(text.part('text')).toHaveProperty('full_length', (most + 1) * character.length + 7);
});

const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\ud83d', '\ude00') }));

test('for any cuts the same is kept: whole characters, at most the bound and almost all of it', () => {
  fc.assert(
    fc.property(pieces, fc.nat({ max: 8 }), fc.nat({ max: 50_020 }), (some, short, at) => {
      const start = 'x'.repeat(STREAMED_TEXT_BYTES - short);
      const whole = `${start}${some.join('')}`;
      const { content, length } = collected(start, ...some);
      expect(content).toBe(collected(whole).content);
      expect(content).toBe(collected(whole.slice(0, at), whole.slice(at)).content);
      expect(whole.startsWith(content)).toBe(true);
      expect(length).toBe(whole.length);
      expect(bytes(content)).toBeLessThanOrEqual(STREAMED_TEXT_BYTES);
      const rest = whole.slice(content.length);
      expect(rest === '' || bytes(content) > STREAMED_TEXT_BYTES - 4).toBe(true);
      expect(/^[\ude00]/u.test(rest) && content.endsWith('\ud83d')).toBe(false);
    }),
  );
});

test('a million pieces, and one of 50 MB, cost little more than counting', () => {
  const text = new StreamedText();
  for (let i = 0; i < 1_000_000; i += 1) text.append('token ');
  text.append('x'.repeat(50_000_000));
  expect(text.length).toBe(56_000_000);
  expect(bytes(text.content)).toBe(STREAMED_TEXT_BYTES);
});
