/** The servers of an application, in a separate process: the provider and the Collector. */
import { listenOnLoopback, readBody } from '../../test/support/loopback.js';
import { sendReply } from '../../test/support/send-reply.js';
import { type Collected, startCollector } from './collector.js';
import { answerTo } from './traffic.js';

export interface FarSideSettings {
  readonly cycleMillis: number;
}

export interface FarSide {
  readonly provider: string;
  readonly collector: string;
}

async function startProvider(): Promise<string> {
  const tries = new Map<string, number>();
  const { url } = await listenOnLoopback(async (request, response) => {
    const closed = new AbortController();
    response.on('error', () => {}).on('close', () => closed.abort());
    const path = request.url ?? '';
    const [, script = '', id = ''] = path.split('/');
    const tried = tries.get(id) ?? 0;
    if (script.includes('+')) tries.set(id, tried + 1);
    const body = await readBody(request);
    await sendReply(answerTo(path, tried, body), response, {
      closed: closed.signal,
      cut: () => response.socket?.destroy(),
    });
  });
  return url;
}

async function main({ cycleMillis }: FarSideSettings): Promise<void> {
  const [provider, collector] = await Promise.all([startProvider(), startCollector(cycleMillis)]);
  process.on('disconnect', () => process.exit());
  process.on('message', () => process.send?.(collector.collected satisfies Collected));
  process.send?.({ provider, collector: collector.url } satisfies FarSide);
}

void main(JSON.parse(process.argv[2] ?? '{}'));
