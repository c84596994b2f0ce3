const PROSE =
  'The museum opens at nine on weekdays, and at ten on Sundays; the last tour (in English, French and “Deutsch”) starts at 16:30. ' +
  "Please don't forget your tickets: they were 12.50 each, weren't they? ";
const CODE = `const total = items.filter((item) => item.kind === "book").map(({ price }) => price * 1.07);
if (total >= limit && !user.isAdmin) {\n\tthrow new RangeError(\`limit = \${limit}, total = \${total}\`); // see https://example.com/a?b=c&d=e
}\n<a href="/shop?page=2&amp;sort=price" data-id='x-1'>Next</a>\n`;
const ARGUMENTS = JSON.stringify({
  city: 'Paris',
  days: 3,
  units: 'metric',
  notes: ['indoor', 'no queue-jumping'],
});

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  prose: [PROSE],
  code: [CODE],
  mixed: [PROSE, CODE, PROSE.repeat(2)],
};

export const BODY_KINDS = ['prose', 'code', 'mixed', 'a secret'] as const;
export type BodyKind = (typeof BODY_KINDS)[number];

/** The JSON of a chat request of about so many characters: short messages, tool calls among them. */
export function chatBody(kind: BodyKind, length: number): string {
  const texts = TEXTS[kind] ?? TEXTS['mixed'] ?? [];
  const messages: object[] =
    kind === 'a secret' ? [{ role: 'user', content: 'my password=hunter2 it is' }] : [];
  for (let size = 0, turn = 0; size < length - 300; turn++) {
    const message = messageOf(turn, texts[turn % texts.length] ?? '');
    size += JSON.stringify(message).length + 1;
    messages.push(message);
  }
  return JSON.stringify({ model: 'gpt-4o-mini', temperature: 0.7, max_completion_tokens: 1024, messages });
}

function messageOf(turn: number, text: string): object {
  if (turn % 4 === 1) {
    const call = {
      id: `call_${turn}`,
      type: 'function',
      function: { name: 'forecast', arguments: ARGUMENTS },
    };
    return { role: 'assistant', content: null, tool_calls: [call] };
  }
  return turn % 4 === 3
    ? { role: 'assistant', content: text.repeat(3) }
    : { role: 'user', content: [{ type: 'text', text }] };
}
