interface Holder {
  chatOwners?: Map<string, string | undefined>;
}

/** The owner of each chat, on `globalThis`, since pages and routes may be built with separate copies of this file. */
const owners = (): Map<string, string | undefined> => {
  const holder = globalThis as Holder;
  holder.chatOwners ??= new Map();
  return holder.chatOwners;
};

/** Assigns a new chat to this user. Returns whether the chat belongs to the user. */
export function claim(chatId: string, user: string | undefined): boolean {
  if (!owners().has(chatId)) owners().set(chatId, user);
  return owners().get(chatId) === user;
}

export function ownerOf(chatId: string): string | undefined {
  return owners().get(chatId);
}
