import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Card } from '../../debug-tab/contract.js';
import { bytes, duration, label, several, statusWord, time, tokens } from '../model/words.js';
import { Badge } from './parts.js';
import { Windowed } from './windowed.js';

interface RunListProps {
  readonly runs: readonly Card[];
  readonly receivedAt: number;
  readonly selectedId: string | undefined;
  readonly hasAllChats: boolean;
  readonly failedFirst: boolean;
  onSelect(id: string): void;
}

const CARD_HEIGHT = 84;
const STATUSES = ['in_progress', 'error', 'interrupted', 'completed'];

export function RunList({ runs, receivedAt, selectedId, hasAllChats, failedFirst, onSelect }: RunListProps) {
  const [words, setWords] = useState('');
  const [status, setStatus] = useState('');
  const [order, setOrder] = useState<string>();
  const isFailedFirst = order === undefined ? failedFirst : order === 'failed';
  const now = useNow(runs.some(({ live }) => live !== undefined));
  const found = useMemo(() => {
    const all = matching(runs, words, status);
    return isFailedFirst ? withFailedFirst(all) : all;
  }, [runs, words, status, isFailedFirst]);
  return (
    <>
      <div class="bar below">
        <input
          type="search"
          aria-label="Filter the runs"
          placeholder="Filter"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <select aria-label="Status" value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
          <option value="">all</option>
          {STATUSES.map((one) => (
            <option key={one} value={one}>
              {statusWord(one)}
            </option>
          ))}
        </select>
        <select
          aria-label="Order"
          value={isFailedFirst ? 'failed' : 'newest'}
          onChange={(event) => setOrder(event.currentTarget.value)}
        >
          <option value="newest">newest first</option>
          <option value="failed">failed first</option>
        </select>
      </div>
      <p class="unseen" role="status">
        {several(found.length, 'run')}
      </p>
      {found.length === 0 ? (
        <p class="note">{runs.length === 0 ? 'No runs are recorded yet.' : 'No run matches the filter.'}</p>
      ) : (
        <Windowed
          label={isFailedFirst ? 'Runs, those that failed first' : 'Runs, the newest first'}
          items={found}
          rowHeight={CARD_HEIGHT}
          selectedKey={selectedId}
          keyOf={(run) => run.id}
          row={(run, button) => (
            <button
              type="button"
              class="card"
              {...button}
              aria-current={run.id === selectedId}
              onClick={() => onSelect(run.id)}
            >
              <RunCard run={run} hasChat={hasAllChats} receivedAt={receivedAt} now={now} />
            </button>
          )}
        />
      )}
    </>
  );
}

interface RunCardProps {
  readonly run: Card;
  readonly hasChat: boolean;
  readonly receivedAt: number;
  readonly now: number;
}

function RunCard({ run, hasChat, receivedAt, now }: RunCardProps) {
  const { kind, model, stepCount, durationMillis, startedAt, error, live, chatId } = run;
  const facts = [
    label(run) === kind ? undefined : kind,
    model,
    stepCount === undefined ? undefined : several(stepCount, 'step'),
    tokens(run),
    durationMillis === undefined ? undefined : duration(durationMillis),
  ];
  return (
    <>
      <span>
        <span class="cut label">{label(run)}</span>
        <Badge status={run.status} />
      </span>
      <span class="quiet">
        <span class="cut">{facts.filter((fact) => fact !== undefined).join(' · ')}</span>
      </span>
      <span class="quiet">
        {live !== undefined && <span class="spinner" />}
        <span class="cut">
          {live !== undefined && liveText(live, now, receivedAt)}
          {live === undefined &&
            error !== undefined &&
            `${error.kind}: ${error.detail ?? error.message ?? ''}`}
          {live === undefined && error === undefined && time(startedAt)}
          {hasChat && chatId !== undefined && ` · chat ${chatId}`}
        </span>
      </span>
    </>
  );
}

function liveText(live: NonNullable<Card['live']>, now: number, receivedAt: number): string {
  const elapsed = Math.max(now - live.since, 0);
  const silent = live.silentMillis + Math.max(now - receivedAt, 0);
  const step = live.step === undefined ? '' : `step ${live.step}, `;
  return `${step}for ${seconds(elapsed)}, ${bytes(live.bytes)}, silent for ${seconds(silent)}`;
}

function seconds(millis: number): string {
  return millis < 60_000 ? `${Math.floor(millis / 1_000)} s` : duration(millis);
}

/** Moves failed runs to the front. Stable. */
function withFailedFirst(runs: readonly Card[]): readonly Card[] {
  const hasFailed = ({ status, error }: Card) =>
    status === 'error' || (status !== 'completed' && error !== undefined);
  return [...runs.filter(hasFailed), ...runs.filter((run) => !hasFailed(run))];
}

function matching(runs: readonly Card[], words: string, status: string): readonly Card[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0 && status === '') return runs;
  return runs.filter((run) => {
    if (status !== '' && run.status !== status) return false;
    const { id, traceId, chatId, ownerId, kind, firstMessage, provider, model, error } = run;
    const facts = [id, traceId, chatId, ownerId, kind, firstMessage, provider, model, statusWord(run.status)];
    const text = [...facts, error?.kind, error?.detail, error?.requestId].join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** Returns the time. Updates every second while `isWanted` is true. */
function useNow(isWanted: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isWanted) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isWanted]);
  return now;
}
