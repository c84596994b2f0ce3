import type { Card, Fields, RunDetail, Span, Status } from '../../../src/debug-tab/contract.js';
import * as names from '../../../src/semconv.js';
import type { ReceivedSpan } from '../../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../../support/tree.js';

/** Converts received spans to runs as the server of the Debug tab returns them. */
export function storedRuns(spans: readonly ReceivedSpan[]): RunDetail[] {
  return buildTree(spans).map((tree) => ({
    run: cardOf(tree),
    spans: spans.filter(({ traceId }) => traceId === tree.traceId).map(spanOf),
  }));
}

function cardOf(tree: RunTree): Card {
  const { error, steps, span } = tree;
  const first = (span ?? steps[0]?.span) as ReceivedSpan;
  return defined({
    id: tree.id,
    traceId: tree.traceId,
    chatId: tree.chatId,
    kind: tree.kind ?? 'unknown',
    status: (tree.status ?? 'in_progress') as Status,
    capture: (tree.capture ?? first.attributes[names.ATTR_CHATDEBUG_CAPTURE]) as Card['capture'],
    firstMessage: tree.firstMessage,
    provider: tree.provider,
    model: tree.model,
    stepCount: tree.stepCount,
    usage: tree.usage,
    error:
      error?.kind === undefined
        ? undefined
        : { kind: error.kind, message: error.message, detail: error.detail, type: error.type },
    startedAt: millis(first.startTimeUnixNano),
    durationMillis: tree.durationMillis,
    url: `http://127.0.0.1:16686/trace/${tree.traceId}`,
  } as Card);
}

function spanOf(span: ReceivedSpan): Span {
  const { traceId, spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano } = span;
  return defined({
    traceId,
    spanId,
    parentSpanId,
    name,
    startedAt: millis(startTimeUnixNano),
    durationMillis: millis(endTimeUnixNano) - millis(startTimeUnixNano),
    attributes: span.attributes as Fields,
    events: span.events.map((event) => ({
      name: event.name,
      at: millis(event.timeUnixNano),
      attributes: event.attributes as Fields,
    })),
    isOwn: span.scope.name === 'opentelemetry-instrumentation-chatdebug',
  } as Span);
}

/** Removes members that are `undefined`, like JSON. */
function defined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function millis(nanos: bigint): number {
  return Number(nanos) / 1_000_000;
}
