const chat = document.querySelector('#chat');
const form = chat.querySelector('form');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const message = new FormData(form).get('message');
  form.reset();
  say('user', message);
  const answer = say('assistant', '');
  const response = await fetch(`/chats/${chat.dataset.chat}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  });
  for await (const text of textsIn(response)) answer.append(text);
});

function say(role, content) {
  const line = document.createElement('p');
  const who = document.createElement('b');
  who.append(`${role} `);
  line.append(who, content);
  form.before(line);
  return line;
}

/** Yields the texts of an answer from the events of `toUIMessageStreamResponse`. */
async function* textsIn({ body }) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (held + read.value).split('\n');
    held = lines.pop();
    for (const line of lines.filter((line) => line.startsWith('data: {'))) {
      const { type, delta, errorText } = JSON.parse(line.slice('data: '.length));
      if (type === 'text-delta') yield delta;
      if (type === 'error') yield errorText;
    }
  }
}
