import { html } from 'hono/html';

/** A chat with its Debug tab, which is empty until the chat has a kept run. */
export const page = (chat) => html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>Chat</title>
      <style>
        body { display: flex; gap: 2em; margin: 2em; font-family: sans-serif; }
        #chat { flex: 1 1 20em; }
        chat-debug-tab { flex: 3 1 40em; height: 90vh; }
        chat-debug-tab[hidden] { display: none; }
      </style>
      <script type="module" src="/chat-page.js"></script>
      <script type="module" src="/debug-tab/component.js"></script>
    </head>
    <body>
      <main id="chat" data-chat="${chat.id}">
        <form>
          <input name="message" aria-label="Message" placeholder="Do I need an umbrella? Or: fail" required />
          <button>Send</button>
        </form>
      </main>
      <chat-debug-tab base="/debug-tab/" chat="${chat.id}"></chat-debug-tab>
    </body>
  </html>`;
