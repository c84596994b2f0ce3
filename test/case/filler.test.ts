import { filler, withoutContent } from '../../src/case/filler.js';
import fc from '../support/property.js';

const SECRET = 'Zyzzyva';

test('filler has the requested length', () => {
  expect([0, 1, 46, 47, 48, 1_000].map((length) => filler(length).length)).toEqual([0, 1, 46, 47, 48, 1_000]);
});

test('texts are replaced, structure and protocol words stay', () => {
  const request = {
    model: 'gpt-4o-mini',
    temperature: 0.2,
    user: SECRET,
    messages: [
      { role: 'system', content: `You know ${SECRET}.` },
      { role: 'user', name: SECRET, content: [{ type: 'text', text: `"${SECRET}"\n\\` }] },
      {
        role: 'assistant',
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'find', arguments: `{"it":"${SECRET}","n":12}` },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: SECRET },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: `https://example.com/${SECRET}` } }] },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'find',
          description: SECRET,
          parameters: { type: 'object', properties: { it: { type: 'string' } } },
        },
      },
    ],
  };
  const text = JSON.stringify(request);
  const filled = withoutContent(text, false);
  expect(filled).not.toContain(SECRET);
  expect(filled.length).toBe(text.length);
  expect(JSON.parse(filled)).toMatchObject({
    model: 'gpt-4o-mini',
    temperature: 0.2,
    messages: [
      { role: 'system' },
      { role: 'user', content: [{ type: 'text' }] },
      {
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'find', arguments: '{"xx":"xxxxxxx","x":11}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1' },
      { content: [{ type: 'image_url' }] },
    ],
    tools: [{ type: 'function', function: { name: 'find', parameters: { type: 'object' } } }],
  });
});

test.each([
  [
    {
      type: 'tool_use',
      id: 'toolu_1',
      name: 'book',
      input: { status: SECRET, type: SECRET, of: [{ id: SECRET }] },
    },
  ],
  [{ functionCall: { name: 'book', args: { role: SECRET } } }],
  [{ functionResponse: { name: 'book', response: { id: SECRET } } }],
  [{ metadata: { user_id: SECRET, order_id: SECRET } }],
])('arguments and results of tools are content, regardless of their member names: %j', (part) => {
  const filled = withoutContent(JSON.stringify({ messages: [{ role: 'user', content: [part] }] }), false);
  expect(filled).not.toContain(SECRET);
  expect(JSON.stringify(JSON.parse(filled)).length).toBe(filled.length);
});

test('an event with a response keeps ids and protocol words', () => {
  const event = 'data: {"type":"response.created","response":{"id":"resp_1","status":"in_progress"}}\n\n';
  expect(withoutContent(event, false)).toBe(event);
});

test('an error keeps its fixed words', () => {
  const body = {
    error: { message: `Unknown tool "${SECRET} the great"`, type: 'invalid_request_error', code: 'bad_tool' },
  };
  expect(JSON.parse(withoutContent(JSON.stringify(body), true))).toEqual({
    error: { message: 'Unknown tool […19 characters]', type: 'invalid_request_error', code: 'bad_tool' },
  });
  const event = `event: error\ndata: {"type":"error","code":"server_error","message":"It broke"}\n\n`;
  expect(withoutContent(event, false)).toBe(event);
});

test('streams and pages keep their form', () => {
  expect(
    withoutContent(`data: {"choices":[{"delta":{"content":"${SECRET}"}}]}\n\ndata: [DONE]\n\n`, false),
  ).toBe('data: {"choices":[{"delta":{"content":"filler "}}]}\n\ndata: [DONE]\n\n');
  expect(withoutContent(`<html><title>Sign in, ${SECRET}</title></html>`, false)).toBe(
    '<html><title>xxxx xx, xxxxxxx</title></html>',
  );
  expect(withoutContent(`{"content":"${SECRET}`, false)).toBe('{"content":"filler ');
});

test.each(['\\', '\\\n', '\\\r\n', '\\\u2028', '\\u', '\\u00', '\\"'])(
  'a body cut inside an escape sequence has none of the text: %j',
  (end) => {
    for (const member of ['content', 'arguments', 'data', 'message']) {
      for (const isError of [false, true]) {
        const text = `{"error":{"${member}":"The '${SECRET}' ${end}`;
        expect(withoutContent(text, isError)).not.toContain(SECRET);
        expect(withoutContent(`data: ${text}`, isError)).not.toContain(SECRET);
        expect(withoutContent(text.replace('"The', '"'), isError)).not.toContain(SECRET);
      }
    }
  },
);

test('no text of any body is left, and JSON keeps its form', () => {
  const member = fc.constantFrom(
    'content',
    'text',
    'thinking',
    'input',
    'arguments',
    'description',
    'summary',
    'x',
  );
  const word = fc.string({ minLength: 3, maxLength: 30 }).map((noise) => `${SECRET}${noise}`);
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, word, fc.integer(), fc.boolean(), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(member, tie('value'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(fc.dictionary(member, value, { maxKeys: 4 }), fc.nat(200), (body, cut) => {
      const text = JSON.stringify(body);
      const filled = withoutContent(text, false);
      expect(filled).not.toContain(SECRET);
      expect(() => JSON.parse(filled)).not.toThrow();
      expect(withoutContent(text.slice(0, cut), false)).not.toContain(SECRET);
      expect(withoutContent(`data: ${text}\n\n`, false)).not.toContain(SECRET);
    }),
  );
});
