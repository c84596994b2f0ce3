import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { FieldCase } from '../../src/case/format.js';
import { type ChatDebugOptions, startChatDebug } from '../../src/index.js';
import {
  type Child,
  type ChildOptions,
  type Ended,
  REPOSITORY,
  runNode,
  startNode,
} from '../support/child.js';
import { openaiError } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Reply, startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';

/** The program that `npx` runs. */
export const PROGRAM = join(REPOSITORY, 'dist', 'cli.js');

export function chatdebug(args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  return runNode([PROGRAM, ...args], options);
}

export function startChatdebug(args: readonly string[], options: ChildOptions = {}): Child {
  return startNode([PROGRAM, ...args], options);
}

/** A temporary folder for the files of a test. */
export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-cli-'));
  return {
    folder,
    /** Writes a text unchanged, anything else as JSON. Returns the path. */
    write: (name: string, content: unknown): string => {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const QUESTION = {
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Who hunts at night?' }],
};

/**
 * Sends one request for each reply to a scripted provider, and returns what was delivered.
 *
 * @param onChunk called for each chunk of a response
 */
export async function recordedRun(
  replies: readonly Reply[],
  options: ChatDebugOptions = {},
  onChunk = () => {},
) {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
  const handle = startChatDebug({ capture: 'full', exporter, ...options });
  for (const reply of replies) {
    provider.reply(reply);
    const sent = fetch(`${provider.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-nobodys' },
      body: JSON.stringify(QUESTION),
    });
    const read = async () => {
      for await (const _ of (await sent).body ?? []) onChunk();
    };
    await read().catch(() => {});
  }
  await handle.shutdown();
  const bodies = receiver.bodies.map(String);
  const runs = buildTree(receiver.spans);
  await Promise.all([provider.close(), receiver.close()]);
  return { bodies, runs };
}

export const BROKEN = openaiError(500, null, 'server_error', 'No luck with "the night hunters" today.');

/** The delivery of a run whose only call failed. */
export interface FailedRun {
  readonly runId: string;
  readonly traceId: string;
  readonly bodies: readonly string[];
  /** In the form of the Collector's file exporter. */
  readonly file: string;
  /** The first delivery, which may be changed. */
  otlp(): { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
}

export async function failedRun(files: ReturnType<typeof scratchFolder>): Promise<FailedRun> {
  const { bodies, runs } = await recordedRun([BROKEN]);
  return {
    runId: runs[0]?.id ?? '',
    traceId: runs[0]?.traceId ?? '',
    bodies,
    file: files.write('traces.jsonl', bodies.join('\n')),
    otlp: () => JSON.parse(bodies[0] ?? ''),
  };
}

const FAILURE = '{"error":{"message":"No luck today.","type":"server_error","param":null,"code":null}}';

/** A call that fails with a 500, with these members changed. */
export function failingCase(change: Partial<FieldCase> = {}): FieldCase {
  return {
    version: 1,
    id: 'failing',
    title: 'error (generic): 500 failed',
    provider: 'openai',
    request: {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body: QUESTION,
    },
    response: {
      status: 500,
      headers: { 'content-type': 'application/json' },
      chunks: [FAILURE],
      end: 'clean',
    },
    expect: {
      status: 'error',
      kind: 'generic',
      errorType: 'server_error',
      attempts: [{ statusCode: 500, status: 'failed' }],
    },
    ...change,
  };
}
