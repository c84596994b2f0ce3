import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Card, RunDetail, Span } from '../../debug-tab/contract.js';
import type { DebugTabClient } from '../client.js';
import { absentOfRun } from '../model/absent.js';
import { shown } from '../model/attributes.js';
import { runTree, type Step } from '../model/run-tree.js';
import { type Row, waterfall } from '../model/waterfall.js';
import { duration, label, several, time, tokens } from '../model/words.js';
import { RunActions } from './actions.js';
import { ErrorView } from './error-view.js';
import { Absent, Badge, Facts, Fold } from './parts.js';
import { StepView } from './step-view.js';
import { WaterfallView } from './waterfall-view.js';

interface RunViewProps {
  readonly stored: RunDetail;
  readonly client: DebugTabClient;
  onBack(): void;
}

export function RunView({ stored, client, onBack }: RunViewProps) {
  const { run, spans } = stored;
  const tree = useMemo(() => runTree(stored), [stored]);
  const { rows, totalMillis } = useMemo(() => waterfall(spans), [spans]);
  const [selectedKey, setSelectedKey] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const root = heading.current?.getRootNode();
    // Move the focus for screen readers if the user opened the run from the list.
    if (root instanceof ShadowRoot && root.activeElement !== null) heading.current?.focus();
  }, []);

  const selected = rows.find(({ key }) => key === selectedKey) ?? firstOfInterest(rows, tree.steps);
  return (
    <article
      class="scroll"
      aria-label="Run"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onBack();
      }}
    >
      <h2 tabIndex={-1} ref={heading}>
        {label(run)}
      </h2>
      <RunFacts run={run} runSpan={tree.runSpan} />
      <RunActions run={run} client={client} />
      <Absent sentences={absentOfRun(run, tree)} />
      <ErrorView
        attributes={tree.runSpan?.attributes ?? {}}
        fallback={run.error}
        isFailed={run.status === 'error' || run.status === 'in_progress'}
        isBrief={tree.steps.some(({ status }) => status === 'error')}
      />
      {rows.length > 0 && (
        <>
          <h3>
            Timeline: {several(tree.steps.length, 'step')}, {duration(totalMillis)}
          </h3>
          <WaterfallView
            rows={rows}
            totalMillis={totalMillis}
            selectedKey={selected?.key}
            onSelect={setSelectedKey}
          />
        </>
      )}
      {selected !== undefined && <SelectedRow row={selected} steps={tree.steps} />}
    </article>
  );
}

function firstOfInterest(rows: readonly Row[], steps: readonly Step[]): Row | undefined {
  const step = steps.find(({ status }) => status === 'error') ?? steps.at(-1);
  return rows.find((row) => row.type === 'step' && row.step.span === step?.span);
}

function SelectedRow({ row, steps }: { readonly row: Row; readonly steps: readonly Step[] }) {
  if (row.type === 'pause') return null;
  if ('span' in row) return <OtherSpan span={row.span} />;
  const { step } = row;
  const isOfRun = steps.some(({ span }) => span === step.span);
  return (
    <StepView
      key={step.span.spanId}
      step={step}
      steps={isOfRun ? steps : []}
      attemptNumber={row.type === 'attempt' ? row.attempt.number : undefined}
    />
  );
}

/** This run, a nested run or a span of another instrumentation. */
function OtherSpan({ span }: { readonly span: Span }) {
  const { name, isOwn, attributes, events } = span;
  return (
    <section aria-label="Selected span">
      <h3>{name}</h3>
      {!isOwn && <Absent sentences={['A span of another instrumentation in the same trace.']} />}
      <Facts facts={Object.entries(attributes).map(([key, value]) => [key, shown(value)] as const)} />
      {events.map((event, index) => (
        <Fold key={`${index}`} title={`Event ${event.name}`}>
          {() => (
            <Facts
              facts={Object.entries(event.attributes).map(([key, value]) => [key, shown(value)] as const)}
            />
          )}
        </Fold>
      ))}
    </section>
  );
}

interface RunFactsProps {
  readonly run: Card;
  readonly runSpan: Span | undefined;
}

/** Attributes set by this package. All others come from the application. */
const RECORDED = /^(chatdebug|gen_ai|openai|error|user)\./;

function RunFacts({ run, runSpan }: RunFactsProps) {
  const { kind, status, provider, model, stepCount, durationMillis, startedAt, live } = run;
  const facts = [
    kind,
    [provider, model].filter((word) => word !== undefined).join(' '),
    stepCount === undefined ? undefined : several(stepCount, 'step'),
    tokens(run),
    durationMillis === undefined ? undefined : duration(durationMillis),
    time(startedAt),
  ];
  const { reasoningTokens, cacheReadTokens, cacheCreationTokens } = run.usage ?? {};
  const attributes = runSpan?.attributes ?? {};
  const own = Object.keys(attributes).filter((name) => !RECORDED.test(name));
  return (
    <>
      <p class="line">
        <Badge status={status} />
        {live !== undefined && <span class="spinner" />}
        <span>{facts.filter(Boolean).join(' · ')}</span>
      </p>
      <Facts
        facts={[
          ['chat', run.chatId],
          ['user', run.ownerId],
          ['run id', run.id],
          ['trace id', run.traceId],
          ['reasoning tokens', optional(reasoningTokens)],
          ['cached tokens read', optional(cacheReadTokens)],
          ['cached tokens written', optional(cacheCreationTokens)],
          ...own.map((name) => [name, shown(attributes[name] ?? '')] as const),
        ]}
      />
    </>
  );
}

function optional(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
