import { WIRE_FORMAT_NAMES } from '../../../src/wire/format.js';
import { requestShape } from '../../../src/wire/shape/request-shape.js';
import fc, { runs } from '../../support/property.js';
import { MALFORMED } from './malformed.js';
import { CONTENT } from './malformed-request.js';

test.each(MALFORMED)('$format: $fault', ({ format, body, tells }) => {
  const shape = requestShape(format, body);
  expect(JSON.parse(shape)).toMatchObject(tells);
  expect(shape).not.toContain(CONTENT);
});

test('a valid request has no flaws, and its shape is short', () => {
  const shape = requestShape('openai-chat', {
    model: 'gpt-4o-mini',
    temperature: 0.2,
    stop: [CONTENT],
    user: CONTENT,
    metadata: { [CONTENT]: CONTENT },
    tools: [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }],
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Rain?' }] },
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'Yes.' },
    ],
  });
  expect(JSON.parse(shape)).toEqual({
    format: 'openai-chat',
    structured: false,
    parameters: { temperature: 0.2, stop: 'list 1', user: 'text 7', metadata: 'object 1' },
    tools: ['get_weather'],
    message_count: 4,
    messages: [
      ['system', 'text 9'],
      ['user', 'text 5'],
      ['assistant', 'text 11', 'call #1 get_weather 2'],
      ['tool', 'result #1 4'],
    ],
  });
});

test('a long history has its first and last messages, and every flaw', () => {
  const messages = Array.from({ length: 5_000 }, () => ({ role: 'user', content: CONTENT.repeat(9) }));
  const orphan = { role: 'tool', tool_call_id: CONTENT, content: CONTENT };
  const shape = requestShape('openai-chat', { messages: messages.with(2_500, orphan as never) });
  expect(Buffer.byteLength(shape)).toBeLessThan(8_192);
  const { messages: told, ...rest } = JSON.parse(shape);
  expect(rest).toMatchObject({ message_count: 5_000, flaws: { 'no call has its id': [2_500] } });
  expect(told.length + rest.messages_left_out).toBe(5_000);
});

test('any body has a bounded shape in JSON without its texts', () => {
  const content = fc.string({ minLength: 3 }).map((words) => `${CONTENT} ${words}`);
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      content,
      fc.constantFrom(null, true, 1.5, [], {}),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom('role', 'type', 'content', 'parts', 'text', 'id', 'name', 'tool_calls', 'function'),
        tie('any'),
        { maxKeys: 5 },
      ),
    ),
  })).any;
  const body = fc.dictionary(
    fc.constantFrom('messages', 'input', 'contents', 'system', 'tools', 'temperature', 'response_format'),
    value,
  );
  fc.assert(
    fc.property(fc.constantFrom(...WIRE_FORMAT_NAMES), fc.oneof(body, value), (format, one) => {
      const shape = requestShape(format, one);
      JSON.parse(shape);
      expect(shape).not.toContain(CONTENT);
      expect(Buffer.byteLength(shape)).toBeLessThan(10_000);
    }),
    { numRuns: runs(1_000) },
  );
});
