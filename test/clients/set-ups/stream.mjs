/** The text of a whole stream: that of each item, as `textOf` finds it. */
export async function read(stream, textOf) {
  let text = '';
  for await (const item of await stream) text += textOf(item) ?? '';
  return text;
}

export const user = (prompt) => [{ role: 'user', content: prompt }];

/** Of a chunk of OpenAI's chat completions. */
export const delta = (chunk) => chunk.choices?.[0]?.delta?.content;
