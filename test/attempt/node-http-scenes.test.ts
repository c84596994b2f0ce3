import { Agent } from 'node:http';
import { ERROR_KINDS } from '../../src/error/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { type SceneServer, startSceneServer } from './node-http-scene-server.js';
import { ANSWER, EVENTS, SCENES, type Scene } from './node-http-scenes.js';

let server: SceneServer;
beforeAll(async () => {
  server = await startSceneServer(ANSWER, EVENTS);
});
afterAll(() => server.close());

/** Everything that the application saw, in order. */
async function play({ act }: Scene): Promise<unknown[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const said: unknown[] = [];
  try {
    await act({ server, agent, say: (...what) => void said.push(what) });
  } finally {
    agent.destroy();
  }
  return said;
}

describe.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', (_, scene) => {
  let recording: Recording;
  afterEach(() => recording?.stop());

  test.each(['full', 'errors'] as const)(
    'the application sees no difference with recording, in %s',
    async (capture) => {
      const bare = await play(scene);
      recording = await startRecording({ capture, keepKinds: ERROR_KINDS });
      expect(await play(scene)).toEqual(bare);
      const runs = await recording.stop();
      const attempts = runs.flatMap(({ steps }) => steps.flatMap((step) => step.attempts));
      const failed = scene.attempts.filter((one) => Reflect.get(one, 'status') === 'failed');
      if (capture === 'full') expect(attempts).toMatchObject(scene.attempts);
      else expect(attempts.map(({ status }) => status)).toEqual(failed.map(() => 'failed'));
    },
  );
});
