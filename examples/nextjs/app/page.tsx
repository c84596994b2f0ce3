import { randomUUID } from 'node:crypto';
import { cookies } from 'next/headers';
import { claim } from '../chats';
import { USER } from '../user';
import { Chat } from './chat';

/** Each visit starts a chat. The Debug tab beside it is empty until the chat has a kept run. */
export default async function Page() {
  const chatId = randomUUID();
  claim(chatId, (await cookies()).get(USER)?.value);
  return (
    <div style={{ display: 'flex', gap: '2em', margin: '2em' }}>
      <Chat chatId={chatId} />
      <chat-debug-tab base="/debug-tab/" chat={chatId} style={{ flex: '3 1 40em', height: '90vh' }} />
      <script type="module" src="/debug-tab/component.js" async />
    </div>
  );
}
