import { mistralConversations } from '../../src/wire/recognition/other-providers.js';
import { takesAnything } from './any-input.js';
import { event } from './reading-parts.js';
import { READINGS } from './readings.js';
import { factsOf, recordedJson } from './recorded.js';

describe.each(READINGS.map((reading) => [reading.format.name, reading] as const))(
  '%s',
  (_, { format, name, events, request, answer, counts }) => {
    test('a request', () => {
      expect(format.readRequest(recordedJson(`${name}-request.json`))).toMatchObject(request);
    });

    test('a response without streaming', () => {
      expect(format.readResponse(recordedJson(`${name}-response.json`))).toMatchObject(answer);
    });

    test('the same response as a stream', () => {
      const whole = format.readResponse(recordedJson(`${name}-response.json`));
      const streamed = factsOf(format, events);
      expect(streamed).toMatchObject({ ...answer, counts });
      // The use of a built-in tool is not a piece of the response.
      const isSame = format !== mistralConversations;
      if (isSame) expect(streamed.output).toEqual(whole.output);
    });

    test('an error in the stream', () => {
      const error = { error: { type: 'throttlingException', message: 'Slow down.' } };
      const facts = factsOf(format, [...events.slice(0, 3), event('error', { type: 'error', ...error })]);
      expect(facts.counts.errors).toBe(1);
      expect(facts.lastError).toContain('Slow down.');
    });

    test('no input makes it throw', () => {
      const bodies = ['request', 'response'].map((kind) => recordedJson(`${name}-${kind}.json`));
      const objects = events.filter(([, data]) => data.startsWith('{'));
      takesAnything(format, bodies, objects);
    });
  },
);
