import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startViewer } from '../../src/viewer/index.js';

/** A viewer on a free port with a temporary store. */
export interface DemoViewer {
  readonly url: string;
  /** Resolves when the demo is stopped, by Ctrl-C or a process manager. */
  readonly stopped: Promise<void>;
  close(): Promise<void>;
}

export async function startDemoViewer(): Promise<DemoViewer> {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-demo-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  try {
    const { url, close } = await startViewer({ port: 0, store: join(folder, 'store.sqlite') });
    return {
      url,
      stopped,
      close: async () => {
        await close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
