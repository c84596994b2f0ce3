import * as undici from 'undici';
import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

const STEPS = 50;

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording();
});
afterAll(() => recording.stop());

/** The first attempt of each call is refused. Responses arrive in another order than the requests. */
function script(): void {
  const tries = new Map<string, number>();
  recording.provider.route(({ path, body }) => {
    const tried = (tries.get(path) ?? 0) + 1;
    tries.set(path, tried);
    const delayMillis = (Number(path.slice(1)) * 7) % 20;
    if (tried === 1)
      return { type: 'json', status: 500, body: { error: { message: `no ${path}` } }, delayMillis };
    return { type: 'sse', events: [{ data: `${body}` }, { data: path }], delayMillis: delayMillis / 4 };
  });
}

type Send = (url: string, body: string) => Promise<string>;
const SENDERS: readonly Send[] = [
  (url, body) => fetch(url, { method: 'POST', body }).then((response) => response.text()),
  (url, body) => undici.fetch(url, { method: 'POST', body }).then((response) => response.text()),
  (url, body) => undici.request(url, { method: 'POST', body }).then((answer) => answer.body.text()),
];

test('fifty parallel steps: each attempt is in its own step, with its own bodies', async () => {
  script();
  await withRun({ runId: 'parallel' }, async () => {
    const steps = Array.from({ length: STEPS }, (_, index) =>
      withStep({ model: `m${index}` }, async () => {
        const send = SENDERS[index % SENDERS.length];
        for (let attempt = 0; attempt < 2; attempt++)
          await send?.(`${recording.provider.url}/${index}`, `q${index}`);
      }),
    );
    await Promise.all(steps);
  });
  const run = (await recording.runs()).find(({ id }) => id === 'parallel');
  expect(run).toMatchObject({ status: 'completed', stepCount: STEPS });
  expect(run?.steps.map(({ number }) => number)).toEqual(
    Array.from({ length: STEPS }, (_, index) => index + 1),
  );
  for (const { number, model, attempts } of run?.steps ?? []) {
    const index = Number(number) - 1;
    expect(model).toBe(`m${index}`);
    expect(attempts).toMatchObject([
      {
        number: 1,
        status: 'failed',
        statusCode: 500,
        path: `/${index}`,
        requestBody: `q${index}`,
        responseBody: `{"error":{"message":"no /${index}"}}`,
      },
      {
        number: 2,
        status: 'completed',
        statusCode: 200,
        path: `/${index}`,
        requestBody: `q${index}`,
        responseBody: `data: q${index}\n\ndata: /${index}\n\ndata: [DONE]\n\n`,
      },
    ]);
  }
});
