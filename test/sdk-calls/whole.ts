import { withRun, withStep } from '../../src/index.js';
import { type Reply, type ScriptedProvider, startProvider } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

/** One way to call an SDK. */
export interface SdkCall {
  readonly name: string;
  readonly reply: Reply;
  /** Makes the call, and returns everything that the application gets as data. */
  call(url: string): Promise<unknown>;
  /** The recording of its step, or `undefined` if it is not a model call. */
  readonly step: object | undefined;
}

/** Asserts that each call returns the same with and without recording, and is recorded once. */
export function testWhole(calls: readonly SdkCall[]): void {
  let bare: ScriptedProvider;
  let recording: Recording;
  beforeEach(async () => {
    bare = await startProvider();
  });
  afterEach(async () => {
    await bare.close();
    await recording?.stop();
  });

  test.each(calls.map((call) => [call.name, call] as const))('%s', async (_, { reply, call, step }) => {
    bare.reply(reply);
    const expected = await call(bare.url);
    recording = await startRecording();
    const { provider } = recording;
    provider.reply(reply);

    expect(await call(provider.url)).toEqual(expected);
    expect(await withRun({ chatId: 'run' }, () => call(provider.url))).toEqual(expected);
    expect(await withRun({ chatId: 'step' }, () => withStep({}, () => call(provider.url)))).toEqual(expected);

    expect(provider.requests).toHaveLength(3);
    const runs = await recording.stop();
    const steps = step === undefined ? [] : [{ status: 'completed', attemptCount: 1, ...step }];
    const inStep = [{ status: 'completed', attemptCount: 1, ...step }];
    expect(runs).toMatchObject([
      ...(step === undefined ? [] : [{ chatId: undefined, status: 'completed', steps }]),
      { chatId: 'run', status: 'completed', steps },
      { chatId: 'step', status: 'completed', steps: inStep },
    ]);
  });
}

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The parts of a response that do not differ between exchanges. */
export function told({ status, headers }: Response): unknown {
  return { status, headers: [...headers].filter(([name]) => name !== 'date') };
}
