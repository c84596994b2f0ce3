'use client';

import { type FormEvent, useRef, useState } from 'react';

interface Message {
  role: 'user' | 'assistant';
  content: string;
}

export function Chat({ chatId }: { chatId: string }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const leave = useRef<AbortController>(undefined);

  async function ask(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const content = String(new FormData(event.currentTarget).get('message'));
    event.currentTarget.reset();
    const asked: Message[] = [...messages, { role: 'user', content }];
    setMessages(asked);
    leave.current = new AbortController();
    const response = await fetch('/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chatId, messages: asked }),
      signal: leave.current.signal,
    });
    let answer = '';
    for await (const text of textsIn(response)) {
      answer += text;
      setMessages([...asked, { role: 'assistant', content: answer }]);
    }
  }

  return (
    <main style={{ flex: '1 1 20em' }}>
      {messages.map(({ role, content }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages are only added.
        <p key={index}>
          <b>{role}</b> {content}
        </p>
      ))}
      <form onSubmit={ask}>
        <input name="message" aria-label="Message" required />
        <button type="submit">Send</button>
        <button type="button" onClick={() => leave.current?.abort()}>
          Stop
        </button>
      </form>
    </main>
  );
}

/** Yields the texts of an answer from the events of `toUIMessageStreamResponse`. */
async function* textsIn({ body }: Response): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const lines = (held + read.value).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const event = JSON.parse(line.slice('data: '.length));
      if (event.type === 'text-delta') yield event.delta;
      if (event.type === 'error') yield event.errorText;
    }
  }
}
