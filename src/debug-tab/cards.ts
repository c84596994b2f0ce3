import type { RunSummary, RunTrace, StoredRun } from '../query/types.js';
import type { LiveRun } from '../run/live-run.js';
import { ATTR_CHATDEBUG_RUN_ID } from '../semconv.js';
import type { Card, Span } from './contract.js';

export function cardOf(run: RunSummary): Card {
  const { id, traceId, chatId, ownerId, kind, status, capture, firstMessage, provider, model, error } = run;
  const { stepCount, usage, startedAt, durationMillis, url } = run;
  return {
    ...{ id, traceId, chatId, ownerId, kind, status, capture, firstMessage, provider, model, error },
    ...{ stepCount, usage, startedAt: startedAt.getTime(), durationMillis, url },
  };
}

/** @param stored the part of the run that has been exported */
function liveCard(run: LiveRun, stored: Card | undefined): Card {
  const { call } = run;
  return {
    id: run.runId,
    traceId: stored?.traceId,
    chatId: run.chatId,
    ownerId: run.ownerId,
    kind: run.kind,
    firstMessage: stored?.firstMessage,
    error: stored?.error,
    usage: stored?.usage ?? {},
    url: stored?.url,
    provider: run.provider,
    model: call?.model ?? run.model,
    stepCount: run.endedSteps + (call === undefined ? 0 : 1),
    capture: run.capture,
    status: 'in_progress',
    startedAt: run.startTimeMillis,
    live: {
      step: call?.stepNumber,
      since: call?.startTimeMillis ?? run.startTimeMillis,
      bytes: call?.bytes ?? 0,
      silentMillis: call?.silentMillis ?? 0,
    },
  };
}

export function mergedCards(cards: readonly Card[], live: readonly LiveRun[]): Card[] {
  const stored = new Map(cards.map((card) => [card.id, card]));
  const running = live.map((run) => liveCard(run, stored.get(run.runId)));
  const isRunning = new Set(running.map(({ id }) => id));
  return [...running, ...cards.filter(({ id }) => !isRunning.has(id))];
}

/**
 * Returns the spans of a run and of the runs inside it. Other runs of the trace may belong to another chat.
 *
 * @param withOthers includes spans of other instrumentations
 */
export function pageSpans({ run, spans }: RunTrace, withOthers: boolean): Span[] {
  const ids = new Set(runsIn(run, run.chatId));
  return spans.flatMap((span) => {
    const runId = span.attributes[ATTR_CHATDEBUG_RUN_ID];
    const isOwn = typeof runId === 'string';
    return (isOwn ? ids.has(runId) : withOthers) ? [{ ...span, isOwn }] : [];
  });
}

function runsIn(run: StoredRun, chatId: string | undefined): string[] {
  if (run.chatId !== undefined && run.chatId !== chatId) return [];
  return [run.id, ...run.children.flatMap((child) => runsIn(child, chatId))];
}
