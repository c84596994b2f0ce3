import { join } from 'node:path';
import { REPOSITORY, runNode } from '../support/child.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../support/tree.js';
import { CERTIFICATE, type Exchange, startSurveyProvider } from './provider.js';
import { type Call, type Capture, callsOf, promptOf } from './scenarios.js';
import type { SetUp } from './set-ups/index.mjs';

/** The calls of one process with one set-up, and their recording. */
export interface Trial {
  readonly setUp: SetUp;
  readonly capture: Capture;
  readonly calls: readonly Call[];
  /** By marker: the result of the client. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly exchanges: ReadonlyMap<string, readonly Exchange[]>;
  readonly others: readonly string[];
  readonly runs: readonly RunTree[];
  /** The text that was sent to the OTLP endpoint. */
  readonly exported: string;
}

export interface Outcome {
  readonly marker: string;
  readonly answer?: string;
  readonly error?: string;
}

const DIST = join(REPOSITORY, 'dist');

/** @param folder the folder of `client.mjs`, from which packages are resolved */
export async function tryOut(setUp: SetUp, capture: Capture, folder: string, node: string): Promise<Trial> {
  const [provider, receiver] = await Promise.all([startSurveyProvider(), startOtlpReceiver()]);
  try {
    const calls = callsOf(setUp.noStream ? ['generate'] : ['generate', 'stream']);
    const task = {
      name: setUp.name,
      packagePath: join(DIST, 'index.js'),
      calls: calls.map((call) => ({ ...call, prompt: promptOf(call) })),
    };
    const ended = await runNode([join(folder, 'client.mjs'), JSON.stringify(task)], {
      nodeOptions: ['--require', join(folder, 'route.cjs'), '--import', join(DIST, 'register.js')],
      execPath: node,
      timeoutMillis: 120_000,
      env: {
        NODE_EXTRA_CA_CERTS: CERTIFICATE,
        SURVEY_TLS_PORT: String(provider.tlsPort),
        SURVEY_PLAIN_PORT: String(provider.plainPort),
        CHATDEBUG_CAPTURE: capture,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        AI_GATEWAY_API_KEY: 'none',
        OPENAI_API_KEY: 'none',
      },
    });
    const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
    if (!last.startsWith('{"outcomes"')) throw new Error(`the client ended early: ${ended.stderr}`);
    const { outcomes } = JSON.parse(last) as { outcomes: Outcome[] };
    return {
      setUp,
      capture,
      calls,
      outcomes: new Map(outcomes.map((outcome) => [outcome.marker, outcome])),
      exchanges: provider.exchanges,
      others: provider.others,
      runs: buildTree(receiver.spans),
      exported: receiver.bodies.map(String).join('\n'),
    };
  } finally {
    provider.close();
    await receiver.close();
  }
}
