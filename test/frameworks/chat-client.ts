/** The texts of a response in the AI SDK's server-sent events, and the texts of errors in it. */
export async function* textsOf({ status, body }: Response): AsyncGenerator<string> {
  if (status !== 200) throw new Error(`the chat server answered ${status}`);
  let held = '';
  const decoder = new TextDecoder();
  for await (const piece of body ?? []) {
    const lines = (held + decoder.decode(piece, { stream: true })).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines.filter((line) => line.startsWith('data: {'))) {
      const event = JSON.parse(line.slice('data: '.length));
      if (event.type === 'text-delta') yield event.delta;
      if (event.type === 'error') yield `[${event.errorText}]`;
    }
  }
}

export async function wholeText(response: Promise<Response>): Promise<string> {
  let text = '';
  for await (const piece of textsOf(await response)) text += piece;
  return text;
}
