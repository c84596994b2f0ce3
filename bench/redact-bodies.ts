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
const SECRET = 'my password=hunter2 it is';

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  prose: [PROSE],
  code: [CODE],
  mixed: [PROSE, CODE, PROSE.repeat(2)],
};

/** A body to redact, beside the JSON values in it. */
export interface RedactBody {
  readonly name: string;
  readonly group: 'ordinary' | 'bad';
  readonly text: string;
  readonly contentType: string;
  readonly json: readonly string[];
}

/** Bodies as applications send them, and such as cost the most. */
export function redactBodies(): readonly RedactBody[] {
  const ordinary = Object.keys(TEXTS).flatMap((kind) =>
    [1_000, 10_000, 100_000, 1_000_000].map((length) =>
      jsonBody('ordinary', `${kind}, ${length / 1_000} KB`, chatBody(kind, length)),
    ),
  );
  const oneSecret = chatBody('mixed', 10_000).replace(JSON.stringify(PROSE), JSON.stringify(SECRET));
  return [
    ...ordinary,
    jsonBody('ordinary', 'one secret, 10 KB', oneSecret),
    jsonBody('bad', 'a secret in every string, 100 KB', messages(Array<string>(2_000).fill(SECRET))),
    jsonBody('bad', String.raw`\u escapes, 100 KB`, escaped(messages([' 今日は晴れです'.repeat(2_000)]))),
    streamBody('bad', 'a stream of short pieces, 100 KB'),
  ];
}

function jsonBody(group: RedactBody['group'], name: string, text: string): RedactBody {
  return { group, name, text, contentType: 'application/json', json: [text] };
}

function streamBody(group: RedactBody['group'], name: string): RedactBody {
  const words = PROSE.split(' ');
  const json = Array.from({ length: 500 }, (_, index) =>
    JSON.stringify({
      id: 'chatcmpl-BenchBenchBench',
      object: 'chat.completion.chunk',
      model: 'gpt-4o-mini',
      choices: [
        {
          index: 0,
          delta: { content: ` ${words[index % words.length]}` },
          logprobs: null,
          finish_reason: null,
        },
      ],
    }),
  );
  const text = json.map((value) => `data: ${value}\n\n`).join('');
  return { group, name, text, contentType: 'text/event-stream', json };
}

/** The JSON of a chat request of about so many characters: short messages, tool calls among them. */
function chatBody(kind: string, length: number): string {
  const texts = TEXTS[kind] ?? [];
  const turns: object[] = [];
  for (let size = 0, turn = 0; size < length - 300; turn++) {
    const message = messageOf(turn, texts[turn % texts.length] ?? '');
    size += JSON.stringify(message).length + 1;
    turns.push(message);
  }
  return JSON.stringify({
    model: 'gpt-4o-mini',
    temperature: 0.7,
    max_completion_tokens: 1024,
    messages: turns,
  });
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

function messages(texts: readonly string[]): string {
  return JSON.stringify({
    model: 'gpt-4o-mini',
    messages: texts.map((content) => ({ role: 'user', content })),
  });
}

/** The same JSON with every character outside of ASCII as an escape. */
function escaped(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
