import { join } from 'node:path';
import { REPOSITORY, runNode } from '../support/child.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../support/tree.js';
import { CERTIFICATE, type Exchange, startSurveyProvider } from './provider.js';
import { type Call, type Capture, callsOf, promptOf } from './scenarios.js';
import type { SetUp } from './set-ups/index.mjs';

/** What one process did in which a set-up made each of its calls, and what was recorded of it. */
export interface Trial {
  readonly setUp: SetUp;
  readonly capture: Capture;
  readonly calls: readonly Call[];
  /** By marker: what the client made of it. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly exchanges: ReadonlyMap<string, readonly Exchange[]>;
  readonly others: readonly string[];
  readonly runs: readonly RunTree[];
  /** What was sent to the OTLP endpoint, as text. */
  readonly exported: string;
}

export interface Outcome {
  readonly marker: string;
  readonly answer?: string;
  readonly error?: string;
}

const DIST = join(REPOSITORY, 'dist');

/** @param folder of `client.mjs`, from where packages are found */
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
