import { geminiGenerateContent } from '../../../src/wire/recognition/gemini.js';
import fc, { CODE_POINT } from '../../support/property.js';
import { takesAnything } from '../any-input.js';
import { eventsOf, factsOf, recorded, recordedJson, type StreamedEvent } from '../recorded.js';

test('no input makes it throw', () => {
  takesAnything(
    geminiGenerateContent,
    ['gemini-request.json', 'gemini-response.json', 'gemini-chunks.json'].map(recordedJson),
    ['gemini-stream.sse', 'gemini-overloaded.sse', 'gemini-blocked.sse'].flatMap((name) =>
      eventsOf(recorded(name)),
    ),
  );
});

type Part = { readonly text: string; readonly thought?: boolean } | { readonly functionCall: object };

/** Parts of a response without streaming: no two adjacent texts of one kind, none of them empty. */
const parts = fc
  .array(
    fc.oneof(
      fc.record({ text: fc.string({ unit: CODE_POINT, minLength: 1 }) }),
      fc.record({ text: fc.string({ minLength: 1 }), thought: fc.constant(true) }),
      fc.record({
        functionCall: fc.record({ name: fc.string(), args: fc.dictionary(fc.string(), fc.jsonValue()) }),
      }),
    ),
    { maxLength: 8 },
  )
  .map((all: readonly Part[]) =>
    all.filter((part, index) => !('text' in part) || kind(part) !== kind(all[index - 1])),
  );

function kind(part: Part | undefined): string | undefined {
  if (part === undefined || !('text' in part)) return undefined;
  return part.thought ? 'thought' : 'text';
}

/** Cuts each text into consecutive pieces. */
function cut(part: Part, size: number): readonly Part[] {
  if (!('text' in part)) return [part];
  const units = part.text.split('');
  const starts = units.flatMap((_, index) => (index % size === 0 ? [index] : []));
  return starts.map((start) => ({ ...part, text: part.text.slice(start, start + size) }));
}

test('for any cuts of texts and parts, a stream has the facts of the response without streaming', () => {
  fc.assert(
    fc.property(parts, parts, fc.integer({ min: 1, max: 9 }), fc.boolean(), (first, second, size, each) => {
      const chunks = [first, second].flatMap((all, index) => {
        const pieces = all.flatMap((part) => cut(part, size));
        const groups = each ? pieces.map((piece) => [piece]) : [pieces];
        return groups.map((group) => ({ index, content: { role: 'model', parts: group } }));
      });
      const ends = [0, 1].map((index) => ({ index, finishReason: 'STOP' }));
      const events = [...chunks, ...ends].map((candidate): StreamedEvent => {
        return [undefined, JSON.stringify({ candidates: [candidate], responseId: 'a' })];
      });
      const candidates = [first, second].map((all) => ({ content: { parts: all }, finishReason: 'STOP' }));
      const body = JSON.parse(JSON.stringify({ candidates, responseId: 'a' }));
      const whole = geminiGenerateContent.readResponse(body);
      expect(factsOf(geminiGenerateContent, events)).toMatchObject({ ...whole });
    }),
    { numRuns: 500 },
  );
});
