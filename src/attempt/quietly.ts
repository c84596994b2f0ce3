import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { warn } from '../self-diagnostics.js';

/** A subscriber that throws is an uncaught exception of the application's: none of ours may. */
export function quietly<Message>(subscriber: (message: Message) => void) {
  return (message: unknown): void => {
    try {
      subscriber(message as Message);
    } catch (error) {
      warn('an HTTP exchange could not be recorded in full', error);
    }
  };
}

/**
 * Subscribes each to the diagnostics channel that it is named after.
 *
 * @returns the undo
 */
export function subscribeQuietly<Message>(
  subscribers: Readonly<Record<string, (message: Message) => void>>,
): () => void {
  const undoes = Object.entries(subscribers).map(([channel, subscriber]) => {
    const quiet = quietly(subscriber);
    subscribe(channel, quiet);
    return () => unsubscribe(channel, quiet);
  });
  return () => {
    for (const undo of undoes) undo();
  };
}
