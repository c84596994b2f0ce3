import { AsyncLocalStorage } from 'node:async_hooks';
import { context, propagation, trace } from '@opentelemetry/api';
import { BatchSpanProcessor, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { startChatDebug, withRun, withStep } from '../../src/index.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { type FetchExporter, fetchExporter } from './support/fetch-exporter.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startProvider();
  provider.reply({ type: 'json', body: { choices: [{ message: { content: 'Hi' } }] } });
});
afterAll(() => provider.close());

const ask = async () =>
  (await fetch(`${provider.url}/v1/chat/completions`, { method: 'POST', body: '{}' })).json();

/** The paths of all exported attempts. */
const recorded = ({ spans }: FetchExporter) =>
  spans.flatMap(({ events }) => events.map(({ attributes }) => attributes?.['url.path']));

describe('an exporter that uses fetch', () => {
  let exporter: FetchExporter;
  beforeEach(() => {
    exporter = fetchExporter(`${provider.url}/export`);
  });

  test('is not recorded when a flush is requested inside a step', async () => {
    const handle = startChatDebug({ capture: 'full', exporter });
    await withRun({}, async () => {
      await withStep({}, ask);
      await withStep({}, async () => {
        await handle.forceFlush();
        await ask();
      });
    });
    await handle.shutdown();
    expect(exporter.requests).toBe(2);
    expect(recorded(exporter)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
  });

  test('is not recorded when it is started, and sends by itself, inside a run of an earlier start', async () => {
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '1';
    const first = startChatDebug({ capture: 'full', exporter: fetchExporter(`${provider.url}/export`) });
    await withRun({}, () =>
      withStep({}, async () => {
        await first.shutdown();
        const second = startChatDebug({ capture: 'full', exporter });
        await withRun({}, async () => {
          await withStep({}, ask);
          await withStep({}, async () => {
            await exporter.sent();
            await ask();
          });
        });
        await second.shutdown();
      }),
    );
    delete process.env['OTEL_BSP_SCHEDULE_DELAY'];
    expect(recorded(exporter)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
  });

  test('is not recorded when shutdown is called inside a step', async () => {
    const handle = startChatDebug({ capture: 'full', exporter });
    await withRun({}, () =>
      withStep({}, async () => {
        await ask();
        await handle.shutdown();
      }),
    );
    expect(recorded(exporter)).toEqual(['/v1/chat/completions']);
  });

  test.each([
    ['SimpleSpanProcessor', SimpleSpanProcessor],
    ['BatchSpanProcessor', BatchSpanProcessor],
  ])('of the application’s own tracing (%s) is not recorded either', async (_, Processor) => {
    const applications = fetchExporter(`${provider.url}/application`);
    const processor = new Processor(applications);
    new NodeTracerProvider({ spanProcessors: [processor] }).register();
    const handle = startChatDebug({ capture: 'full', exporter });
    await withRun({}, () =>
      withStep({}, async () => {
        trace.getTracer('application').startSpan('inside a step').end();
        await processor.forceFlush();
        await applications.sent();
        await ask();
      }),
    );
    await handle.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
    expect(recorded(exporter)).toEqual(['/v1/chat/completions']);
  });

  test('runs in no context of the application, regardless of who requests the delivery', async () => {
    const chat = new AsyncLocalStorage<string>();
    const contexts: unknown[] = [];
    const handle = startChatDebug({
      capture: 'full',
      exporter: {
        export: (_, done) => {
          contexts.push(chat.getStore());
          done({ code: 0 });
        },
        shutdown: async () => void contexts.push(chat.getStore()),
      },
    });
    await chat.run('of the application', async () => {
      await withRun({}, () => withStep({}, ask));
      await handle.forceFlush();
      await withRun({}, () => withStep({}, ask));
      await handle.shutdown();
    });
    expect(contexts).toEqual([undefined, undefined, undefined]);
  });
});
