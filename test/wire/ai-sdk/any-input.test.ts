import { requestFacts } from '../../../src/wire/reading/ai-sdk.js';
import { responseFacts, StreamParts } from '../../../src/wire/reading/ai-sdk-response.js';
import fc from '../../support/property.js';

const anything = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withMap: true });
const type = fc.constantFrom(
  'text',
  'reasoning',
  'file',
  'tool-call',
  'tool-result',
  'text-delta',
  'tool-input-start',
  'tool-input-delta',
  'finish',
  'error',
  'response-metadata',
  'stream-start',
  'x',
);
const members = ['text', 'data', 'input', 'output', 'result', 'delta', 'id', 'error', 'usage', 'warnings'];
const part = fc.oneof(
  anything,
  fc.tuple(type, fc.dictionary(fc.constantFrom(...members), anything)).map(([named, given]) => ({
    ...given,
    type: named,
  })),
);

test('no input makes a reader throw, and the results are JSON', () => {
  fc.assert(
    fc.property(fc.array(part), anything, (parts, value) => {
      const stream = new StreamParts();
      for (const one of parts) stream.part(one);
      const options = { prompt: [{ role: 'user', content: parts }, value], tools: parts, toolChoice: value };
      const all = [
        stream.facts(),
        requestFacts(value, 'generate', value),
        requestFacts(options, 'stream', 'm'),
        responseFacts(value),
        responseFacts({ content: parts, usage: value, finishReason: value, providerMetadata: value }),
      ];
      expect(JSON.parse(JSON.stringify(all))).toHaveLength(5);
    }),
    { numRuns: 300 },
  );
});
