import { join } from 'node:path';
import { runNode } from '../../test/support/child.js';
import { completion, openaiError } from '../../test/support/openai-replies.js';
import { type ReceivedSpan, startOtlpReceiver } from '../../test/support/otlp-receiver.js';
import { startProvider } from '../../test/support/provider.js';

/** How each application is started. All other differences are in its file. */
const APPLICATIONS = [
  {
    file: 'beside.mjs',
    title: "Beside the application's own OpenTelemetry",
    nodeOptions: ['--import', 'opentelemetry-instrumentation-chatdebug/register'],
  },
  { file: 'inside.mjs', title: 'Inside it', nodeOptions: [] },
];

const FAILED = openaiError(500, null, 'server_error', 'The server had an error');

/** Runs the two turns and prints which spans each endpoint received. */
async function run({ file, title, nodeOptions }: (typeof APPLICATIONS)[number]): Promise<void> {
  const servers = await Promise.all([startProvider(), startOtlpReceiver(), startOtlpReceiver()]);
  const [provider, application, chatRuns] = servers;
  try {
    provider.reply(completion('Yes.'), FAILED);
    const ended = await runNode([join(__dirname, file)], {
      nodeOptions,
      env: {
        APPLICATION_OTLP_URL: application.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: chatRuns.url,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OPENAI_API_KEY: 'none',
        OPENAI_BASE_URL: `${provider.url}/v1`,
      },
    });
    if (ended.code !== 0) throw new Error(`${file} ended with exit code ${ended.code}\n${ended.stderr}`);
    const all = [...application.spans, ...chatRuns.spans];
    console.log(`${title} (${file})`);
    console.log(`  to the application's endpoint\n${lines(application.spans, all)}`);
    console.log(`  to the endpoint of chat runs\n${lines(chatRuns.spans, all)}`);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

function lines(spans: readonly ReceivedSpan[], all: readonly ReceivedSpan[]): string {
  if (spans.length === 0) return '    nothing';
  const parentOf = ({ parentSpanId }: ReceivedSpan) => all.find(({ spanId }) => spanId === parentSpanId);
  const line = (span: ReceivedSpan): string => {
    const parent = parentOf(span);
    const place = parent === undefined ? '' : `, below ${parent.name}`;
    const { message } = span.status;
    return `    ${span.name}${place}${message === undefined ? '' : `: ${message}`}`;
  };
  return spans.map(line).sort().join('\n');
}

async function main(): Promise<void> {
  for (const application of APPLICATIONS) await run(application);
}

main().catch((error: unknown) => {
  console.error(`own-opentelemetry: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
