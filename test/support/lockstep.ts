import type { SseReply } from './reply.js';

/** A stream whose client tells what it has read. */
export interface Lockstep {
  readonly reply: SseReply;
  /** Call for each event, or for each chunk. */
  readonly read: () => void;
}

/** Sends each event once the client has read the one before. Otherwise a busy client gets several in one chunk. */
export function inLockstep(reply: SseReply): Lockstep {
  let count = 0;
  let next: { readonly index: number; readonly send: () => void } | undefined;
  const sendIfRead = () => {
    if (next !== undefined && count >= next.index) next.send();
  };
  return {
    reply: {
      ...reply,
      before: (index) =>
        new Promise((send) => {
          next = { index, send };
          sendIfRead();
        }),
    },
    read: () => {
      count += 1;
      sendIfRead();
    },
  };
}
