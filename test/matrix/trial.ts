import { runNode } from '../support/child.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { answers } from './answers.js';
import type { Cell } from './cell.js';
import type { Trial } from './judge.js';
import { launch } from './launch.js';

/** No measure of speed: a busy machine is given all the time it wants. */
const TIMEOUT_MILLIS = 120_000;

/** As much time for ours; of the others no metrics, no logs, no questions to clouds or to an agent. */
const QUIET = {
  CHATDEBUG_EXIT_TIMEOUT_MILLIS: '60000',
  CHATDEBUG_SHUTDOWN_TIMEOUT_MILLIS: '60000',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
};

/** Runs the application of a cell to its end, between a provider and two endpoints of its own. */
export async function tryCell(cell: Cell, folder: string, name: string, node: string): Promise<Trial> {
  const speaksOtlp = !['sentry', 'dd-trace', 'dd-trace5'].includes(cell.beside ?? '');
  const [provider, chatRuns, application, sink] = await Promise.all([
    startProvider(),
    startOtlpReceiver(),
    startOtlpReceiver(),
    startProvider(),
  ]);
  provider.route(answers(cell.client.retries));
  sink.reply({ type: 'json', body: {} });
  const applicationUrl = speaksOtlp ? application.url : sink.url;
  try {
    const { execPath, argv } = launch(cell, folder, name, node);
    const { code, stdout, stderr } = await runNode(argv, {
      execPath,
      cwd: folder,
      timeoutMillis: TIMEOUT_MILLIS,
      env: {
        ...QUIET,
        PROVIDER_URL: provider.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: chatRuns.url,
        APPLICATION_URL: applicationUrl,
        DD_TRACE_AGENT_URL: applicationUrl,
      },
    });
    return {
      code,
      stdout,
      stderr,
      asked: provider.requests,
      chatRuns: chatRuns.spans,
      application: application.spans,
      reports: sink.requests,
      endpoint: chatRuns.url,
    };
  } finally {
    await Promise.all([provider, chatRuns, application, sink].map((server) => server.close()));
  }
}
