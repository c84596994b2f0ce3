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
