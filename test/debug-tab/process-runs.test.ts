import { processRuns } from '../../src/debug-tab/index.js';
import { type LiveRun, withRun, withStep } from '../../src/index.js';
import { BROKEN, type MountedTab, mountTab } from './mounted-tab.js';

let mounted: MountedTab;
afterEach(() => mounted.stop());

test('throws without a recording and for an invalid bound', async () => {
  mounted = await mountTab();
  for (const maxBytes of [-1, 1.5, Number.NaN])
    expect(() => processRuns({ maxBytes })).toThrow(
      `Invalid maxBytes ${maxBytes}: expected an integer from 0`,
    );
  await mounted.recording.handle.shutdown();
  expect(() => processRuns()).toThrow('call startChatDebug, or start with --import, before it');
});

test('keeps the newest runs within its bound', async () => {
  mounted = await mountTab({}, () => ({ source: processRuns({ maxBytes: 40_000 }) }));
  for (let i = 0; i < 10; i++) await mounted.turn(i < 9 ? 'c' : 'd', BROKEN);
  const { runs } = await mounted.read('runs?chat=c');
  expect(runs.length).toBeGreaterThan(0);
  expect(runs.length).toBeLessThan(9);
  expect((await mounted.read('runs?chat=d')).runs).toHaveLength(1);
});

test('a later call returns the runs of an earlier one and sets the bound', async () => {
  mounted = await mountTab();
  const first = processRuns();
  await mounted.turn('c', BROKEN);
  await mounted.turn('d', BROKEN);
  expect(await processRuns().list('c')).toHaveLength(1);
  const second = processRuns({ maxBytes: 8_000 });
  expect([await second.list('c'), await first.list('c')]).toEqual([[], []]);
  expect(await second.list('d')).toHaveLength(1);
});

test('its live runs can be watched', async () => {
  mounted = await mountTab();
  const seen: (readonly LiveRun[])[] = [];
  const leave = new AbortController();
  await withRun({ chatId: 'c', kind: 'quickgen' }, async () => {
    for await (const runs of processRuns().watch('c', { signal: leave.signal })) {
      seen.push(runs);
      leave.abort();
    }
  });
  expect(seen).toMatchObject([[{ chatId: 'c', kind: 'quickgen', endedSteps: 0, call: undefined }]]);
});

describe('a run of 4,000 steps', () => {
  const STEPS = 4_000;

  async function manySteps(maxBytes?: number) {
    mounted = await mountTab({ capture: 'full', maxSteps: STEPS }, () => ({
      source: processRuns(maxBytes === undefined ? {} : { maxBytes }),
    }));
    await withRun({ chatId: 'c', runId: 'many' }, async () => {
      for (let at = 0; at < STEPS; at++) await withStep({ model: 'm' }, async () => {});
    });
    await mounted.recording.handle.forceFlush();
    const { runs } = await mounted.read('runs?chat=c');
    expect(runs).toMatchObject([{ id: 'many', status: 'completed', stepCount: STEPS }]);
    const { spans } = await mounted.read('runs/many');
    return spans.map(({ attributes }: { attributes: Record<string, unknown> }) => [
      attributes['chatdebug.step.number'],
    ]);
  }

  test('is shown with all of them', async () => {
    const numbers = await manySteps(64 * 1024 * 1024);
    expect(new Set(numbers.flat()).size).toBe(STEPS + 1);
  });

  test('is shown with its newest steps if there is no room for all', async () => {
    const numbers = (await manySteps(400 * 1024)).flat();
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers.length).toBeLessThan(STEPS);
    expect(numbers).toContain(STEPS);
    expect(numbers).not.toContain(1);
  });
});
