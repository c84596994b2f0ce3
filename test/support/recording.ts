import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type ChatDebugHandle, type ChatDebugOptions, startChatDebug } from '../../src/index.js';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.js';
import { type ScriptedProvider, startProvider } from './provider.js';
import { buildTree, type RunTree } from './tree.js';

/** The package in this process, by default in full capture, between a scripted provider and a real OTLP endpoint. */
export interface Recording {
  readonly provider: ScriptedProvider;
  readonly receiver: OtlpReceiver;
  readonly handle: ChatDebugHandle;
  /** The received spans, after everything that has ended was delivered. */
  spans(): Promise<readonly ReceivedSpan[]>;
  /** The same as runs with their steps and attempts. */
  runs(): Promise<RunTree[]>;
  /** Ends everything, and returns the received runs. */
  stop(): Promise<RunTree[]>;
}

export async function startRecording(options: ChatDebugOptions = {}): Promise<Recording> {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
  const handle = startChatDebug({ capture: 'full', exporter, ...options });
  const spans = async () => {
    await handle.forceFlush();
    return receiver.spans;
  };
  let stopped: Promise<RunTree[]> | undefined;
  const stop = async () => {
    await handle.shutdown();
    const tree = buildTree(receiver.spans);
    await Promise.all([provider.close(), receiver.close()]);
    return tree;
  };
  return {
    provider,
    receiver,
    handle,
    spans,
    runs: async () => buildTree(await spans()),
    stop: () => (stopped ??= stop()),
  };
}
