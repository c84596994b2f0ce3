import { jaegerRuns } from '../../src/query/index.js';
import { DEMO_CHAT, runDemo } from './support/demo.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';
import { stopAllPrograms } from './support/program.js';
import { until } from './support/until.js';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(stopAllPrograms);

test.each(['http/json', 'http/protobuf', 'grpc'])(
  'a real Collector receives a kept run over %s',
  async (protocol) => {
    const { collector, jaeger } = pipeline;
    const service = protocol.replace('/', '-');
    await runDemo({
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? `http://${collector.grpc}` : collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_SERVICE_NAME: service,
    });
    const ask = jaegerRuns({ endpoint: jaeger.url, service });
    const [run, ...others] = await until(async () => {
      const runs = await ask.list(DEMO_CHAT, { limit: 10 });
      return runs.some(({ status }) => status === 'error') && runs;
    }, `the run of ${service} in Jaeger`);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      chatId: DEMO_CHAT,
      capture: 'errors',
      error: { kind: 'generic', type: 'server_error' },
    });
    const stored = run && (await ask.get(run.id));
    const statuses = stored?.steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode));
    expect(statuses).toEqual([[500, 500, 500]]);
  },
);
