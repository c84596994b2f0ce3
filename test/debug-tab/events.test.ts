import type { ProcessRuns } from '../../src/debug-tab/index.js';
import { withRun } from '../../src/index.js';
import { completionStream } from '../support/openai-replies.js';
import { BROKEN, type MountedTab, mountTab } from './mounted-tab.js';

let mounted: MountedTab;
afterEach(() => mounted.stop());

const CHAT = 'a/ü 🙂?&"';
const EVENTS = `events?chat=${encodeURIComponent(CHAT)}`;

interface Runs {
  readonly runs: { readonly status: string; readonly live?: { readonly bytes: number } }[];
}

/** Reads the events of a stream until one matches. */
async function until(response: Response, passes: (name: string, data: Runs) => boolean): Promise<Runs> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (const [, name = '', data = ''] of text.matchAll(/^event: (\w+)\ndata: (.*)$/gm))
      if (passes(name, JSON.parse(data))) return JSON.parse(data);
  }
  throw new Error(`the stream ended: ${text}`);
}

const isStreaming = (name: string, { runs }: Runs) => name === 'runs' && (runs[0]?.live?.bytes ?? 0) > 0;

/** A turn whose response stops in the middle. `stop` aborts it and returns the result of its function. */
function hangingTurn(chatId = CHAT) {
  mounted.recording.provider.reply({ ...completionStream(['one', 'two', 'three']), hangAfter: 2 });
  const abort = new AbortController();
  let text = '';
  const ended = withRun({ chatId, ownerId: 'u' }, async () => {
    const body = {
      model: 'm',
      messages: [{ role: 'user' as const, content: 'ASKED' }],
      stream: true as const,
    };
    const stream = await mounted.openai.chat.completions.create(body, { signal: abort.signal });
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  }).catch(() => {});
  return {
    stop: async () => {
      abort.abort();
      await ended;
      return text;
    },
  };
}

test('a run in progress is shown while it streams, and as stored when it has ended', async () => {
  mounted = await mountTab({ capture: 'full' });
  const turn = hangingTurn();
  const live = await until(await mounted.get(EVENTS), isStreaming);
  expect(live.runs).toMatchObject([
    { chatId: CHAT, status: 'in_progress', model: 'm', live: { step: 1, since: expect.any(Number) } },
  ]);
  const response = await mounted.get(EVENTS);
  const ended = until(response, (name, { runs }) => name === 'runs' && runs[0]?.status === 'completed');
  await turn.stop();
  await mounted.recording.handle.forceFlush();
  // The client ends its loop without an error.
  expect((await ended).runs).toMatchObject([{ durationMillis: expect.any(Number) }]);
});

test('an unfinished run of another process is requested again', async () => {
  let asked = 0;
  const source = (own: ProcessRuns) => ({
    ...own,
    list: async () => {
      asked += 1;
      const [run] = await own.list(CHAT);
      const status = asked === 1 ? ('in_progress' as const) : ('interrupted' as const);
      return run === undefined ? [] : [{ ...run, status, durationMillis: undefined }];
    },
  });
  mounted = await mountTab({}, (own) => ({ source: source(own) }), 1);
  await mounted.turn(CHAT, BROKEN);
  const statuses: (string | undefined)[] = [];
  await until(await mounted.get(EVENTS), (name, { runs }) => {
    if (name === 'runs') statuses.push(runs[0]?.status);
    return statuses.at(-1) === 'interrupted';
  });
  expect([statuses.at(0), statuses.at(-1)]).toEqual(['in_progress', 'interrupted']);
});

test('a closed handler ends its streams and opens no others', async () => {
  mounted = await mountTab();
  const response = await mounted.get(EVENTS);
  const text = response.text();
  mounted.tab.close();
  expect(await text).toContain('retry:');
  const again = await mounted.get(EVENTS);
  expect([again.status, await again.text()]).toEqual([204, '']);
});

test('a handler unmounted during a stream stops polling, and the turn continues', async () => {
  const looks = new Map<string | undefined, number>();
  let looked = () => {};
  mounted = await mountTab({ capture: 'full' }, (own) => ({
    source: {
      ...own,
      live: (chatId) => {
        looks.set(chatId, (looks.get(chatId) ?? 0) + 1);
        looked();
        return own.live?.(chatId) ?? [];
      },
    },
  }));
  const turn = hangingTurn();
  const reader = until(await mounted.get(EVENTS), () => false).catch((error: unknown) => error);
  await until(await mounted.get(EVENTS), isStreaming);
  await mounted.unmount();
  expect(await reader).toMatchObject({ message: 'terminated' });
  const before = looks.get(CHAT);

  // Another page, which also polls every second: by then the first one would have polled again.
  const leave = new AbortController();
  const headers = { 'x-user': 'u' };
  await mounted.tab(
    new Request('http://localhost/debug-tab/events?chat=d', { headers, signal: leave.signal }),
  );
  await new Promise<void>((resolve) => {
    looked = () => {
      if ((looks.get('d') ?? 0) > 4) resolve();
    };
  });
  leave.abort();
  expect(looks.get(CHAT)).toBe(before);
  expect(await turn.stop()).toContain('one');
  expect(await mounted.recording.runs()).toMatchObject([{ chatId: CHAT, steps: [{ number: 1 }] }]);
});
