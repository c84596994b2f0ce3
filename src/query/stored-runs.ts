import * as names from '../semconv.js';
import { numberOf, textOf } from './fields.js';
import type { StoredSpan } from './stored-span.js';
import { statusOf, storedError, storedStep, usageOf } from './stored-step.js';
import type { RunSummary, StoredRun } from './types.js';

type TraceUrl = ((traceId: string) => string) | undefined;

/** The spans of one run in one trace: a run that is resumed under its id is in another trace. */
interface Group {
  readonly id: string;
  readonly spans: readonly StoredSpan[];
}

/**
 * The runs of these spans, the newest first. Spans that are none of ours are left out, those that came twice are
 * taken once (delivery is at least once), and of a run whose span is missing its steps tell what they know.
 *
 * @param traceUrl the page that shows a trace
 */
export function runSummaries(spans: readonly StoredSpan[], traceUrl: TraceUrl): RunSummary[] {
  return newestFirst(groupsOf(spans).map((group) => summaryOf(group, traceUrl)));
}

/** The run of this id with its steps and the runs inside it; the newest, where it was resumed. */
export function findRun(spans: readonly StoredSpan[], id: string, traceUrl: TraceUrl): StoredRun | undefined {
  const groups = groupsOf(spans);
  const runs = groups.filter((group) => group.id === id).map((group) => treeOf(group, groups, traceUrl));
  return newestFirst(runs)[0];
}

function groupsOf(spans: readonly StoredSpan[]): Group[] {
  const groups = new Map<string, { id: string; spans: Map<string, StoredSpan> }>();
  for (const span of spans) {
    const id = textOf(span.attributes[names.ATTR_CHATDEBUG_RUN_ID]);
    if (id === undefined) continue;
    const key = `${span.traceId} ${id}`;
    const group = groups.get(key) ?? { id, spans: new Map() };
    groups.set(key, group);
    group.spans.set(span.spanId, span);
  }
  return [...groups.values()].map((group) => ({ id: group.id, spans: [...group.spans.values()] }));
}

/** Each run is taken out of those that may be inside it, so that two that name each other end. */
function treeOf(group: Group, others: readonly Group[], traceUrl: TraceUrl): StoredRun {
  const rest = others.filter((other) => other !== group);
  const { traceId } = anyOf(group);
  const children = rest.filter((other) => anyOf(other).traceId === traceId && parentId(other) === group.id);
  return {
    ...summaryOf(group, traceUrl),
    steps: group.spans
      .filter(isStep)
      .map(storedStep)
      .sort((a, b) => a.number - b.number),
    children: newestFirst(children.map((child) => treeOf(child, rest, traceUrl))).reverse(),
  };
}

function summaryOf(group: Group, traceUrl: TraceUrl): RunSummary {
  const { id, spans } = group;
  const span = runSpan(group);
  const any = anyOf(group);
  const failed = spans.find(({ attributes }) => storedError(attributes) !== undefined);
  const { attributes } = any;
  return {
    id,
    traceId: any.traceId,
    chatId: textOf(attributes[names.ATTR_GEN_AI_CONVERSATION_ID]),
    kind: textOf(attributes[names.ATTR_CHATDEBUG_RUN_KIND]) ?? 'chat_turn',
    status: (span && statusOf(span.attributes[names.ATTR_CHATDEBUG_RUN_STATUS])) ?? 'in_progress',
    capture: attributes[names.ATTR_CHATDEBUG_CAPTURE] === 'full' ? 'full' : 'errors',
    firstMessage: textOf(attributes[names.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE]),
    provider: textOf(attributes[names.ATTR_GEN_AI_PROVIDER_NAME]),
    model: textOf(attributes[names.ATTR_GEN_AI_REQUEST_MODEL]),
    error: storedError((span ?? failed ?? any).attributes),
    stepCount: numberOf(span?.attributes[names.ATTR_CHATDEBUG_RUN_STEP_COUNT]),
    usage: usageOf(span?.attributes ?? {}),
    startedAt: new Date(span?.startedAt ?? Math.min(...spans.map(({ startedAt }) => startedAt))),
    durationMillis: span?.durationMillis,
    url: traceUrl?.(any.traceId),
  };
}

function runSpan({ spans }: Group): StoredSpan | undefined {
  return spans.find((span) => !isStep(span));
}

/** What tells whose run it is: its own span, else a step. A group is never empty. */
function anyOf(group: Group): StoredSpan {
  const any = runSpan(group) ?? group.spans[0];
  if (any === undefined) throw new Error('a run without spans');
  return any;
}

function parentId(group: Group): string | undefined {
  return textOf(runSpan(group)?.attributes[names.ATTR_CHATDEBUG_RUN_PARENT_ID]);
}

function isStep({ attributes }: StoredSpan): boolean {
  return attributes[names.ATTR_CHATDEBUG_STEP_NUMBER] !== undefined;
}

function newestFirst<Run extends RunSummary>(runs: Run[]): Run[] {
  return runs.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}
