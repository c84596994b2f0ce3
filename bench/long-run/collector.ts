import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import {
  ATTR_CHATDEBUG_KEPT_REPRESENTS,
  ATTR_CHATDEBUG_RUN_STATUS,
  ATTR_CHATDEBUG_RUN_STEP_COUNT,
} from '../../src/semconv.js';
import { readBody } from '../../test/support/loopback.js';
import { decodeTraces, type ReceivedSpan } from '../../test/support/otlp-json.js';

/** The received data. A duplicate span is counted once. */
export interface Collected {
  spans: number;
  /** Duplicate spans, sent because the response to the first delivery was lost. */
  repeated: number;
  runs: number;
  steps: number;
  /** The number of steps according to the runs. */
  stepsOfRuns: number;
  /** The number of failed runs that the received runs represent. */
  represented: number;
  /** The last sum of each counter. */
  readonly counters: Record<string, number>;
}

interface Collector {
  readonly url: string;
  readonly collected: Collected;
}

const HOST = '127.0.0.1';

/**
 * An OTLP/HTTP receiver that stops and restarts like a Collector in a rolling update: it is down for a fifth of each
 * cycle, first in the middle of the first one.
 */
export async function startCollector(cycleMillis: number): Promise<Collector> {
  const collected = {
    spans: 0,
    repeated: 0,
    runs: 0,
    steps: 0,
    stepsOfRuns: 0,
    represented: 0,
    counters: {},
  };
  const ids = new Set<string>();
  const take = (path: string, body: string): void => {
    if (path === '/v1/metrics') takeMetrics(collected, body);
    else for (const span of decodeTraces(body)) takeSpan(collected, ids, span);
  };
  let server = await listen(0, take);
  const { port } = server.address() as { port: number };
  const restart = async (): Promise<void> => {
    for (;;) {
      await sleep(0.4 * cycleMillis);
      await close(server);
      await sleep(0.2 * cycleMillis);
      server = await listen(port, take);
      await sleep(0.4 * cycleMillis);
    }
  };
  void restart();
  return { url: `http://${HOST}:${port}`, collected };
}

function listen(port: number, take: (path: string, body: string) => void): Promise<Server> {
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    try {
      const isZipped = request.headers['content-encoding'] === 'gzip';
      take(request.url ?? '', (isZipped ? gunzipSync(body) : body).toString());
    } catch {
      // The sender sees the closed connection.
      return;
    }
    response.setHeader('content-type', 'application/json').end('{"partialSuccess":{}}');
  });
  return new Promise((resolve) => void server.listen(port, HOST, () => resolve(server)));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function takeSpan(collected: Collected, ids: Set<string>, { spanId, attributes }: ReceivedSpan): void {
  if (ids.has(spanId)) {
    collected.repeated += 1;
    return;
  }
  ids.add(spanId);
  collected.spans += 1;
  if (attributes[ATTR_CHATDEBUG_RUN_STATUS] === undefined) {
    collected.steps += 1;
    return;
  }
  collected.runs += 1;
  collected.stepsOfRuns += Number(attributes[ATTR_CHATDEBUG_RUN_STEP_COUNT] ?? 0);
  collected.represented += Number(attributes[ATTR_CHATDEBUG_KEPT_REPRESENTS] ?? 0);
}

interface WireMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: {
          readonly dataPoints: readonly { readonly asDouble?: number; readonly asInt?: unknown }[];
        };
      }[];
    }[];
  }[];
}

function takeMetrics({ counters }: Collected, body: string): void {
  const { resourceMetrics } = JSON.parse(body) as WireMetrics;
  const metrics = resourceMetrics.flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics));
  for (const { name, sum } of metrics) {
    const values = sum?.dataPoints.map(({ asDouble, asInt }) => Number(asDouble ?? asInt));
    if (values !== undefined) counters[name] = values.reduce((all, one) => all + one, 0);
  }
}
