/** The page shows the chat in `?chat=`, or all chats. The fragment holds the selected run. */
const query = new URLSearchParams(location.search);
const chat = query.get('chat');
const nothing = document.querySelector('#nothing');
const tab = document.createElement('chat-debug-tab');

tab.setAttribute('base', new URL('.', location.href).pathname);
if (chat !== null) {
  tab.setAttribute('chat', chat);
  document.querySelector('#chat')?.append(`Chat ${chat}`);
  document.title = `Debug runs of ${chat}`;
}
followFragment();
tab.addEventListener('chat-debug-tab-state', (event) => {
  nothing?.toggleAttribute('hidden', (event as CustomEvent<{ isShown: boolean }>).detail.isShown);
});
tab.addEventListener('chat-debug-tab-select', (event) => {
  const { run } = (event as CustomEvent<{ run: string | undefined }>).detail;
  if (run === undefined) tab.removeAttribute('run');
  else tab.setAttribute('run', run);
  const fragment = run === undefined ? '' : `#${new URLSearchParams({ run })}`;
  history.replaceState(null, '', `${location.pathname}${location.search}${fragment}`);
});
addEventListener('hashchange', followFragment);
document.querySelector('#main')?.append(tab);

function followFragment(): void {
  const run = new URLSearchParams(location.hash.slice(1)).get('run');
  if (run === null) tab.removeAttribute('run');
  else tab.setAttribute('run', run);
}
