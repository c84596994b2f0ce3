import type { HTMLAttributes } from 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'chat-debug-tab': HTMLAttributes<HTMLElement> & { base: string; chat?: string; run?: string };
    }
  }
}
