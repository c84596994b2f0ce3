import { useEffect, useRef, useState } from 'preact/hooks';
import { several } from '../model/words.js';
import type { TabModel, View } from '../tab-model.js';
import { DeleteButton, save } from './actions.js';
import { RunList } from './run-list.js';
import { RunView } from './run-view.js';

interface TabProps {
  readonly model: TabModel;
  readonly hasAllChats: boolean;
}

export function Tab({ model, hasAllChats }: TabProps) {
  const view = useView(model);
  const { state, runs, selectedId, listError } = view;
  const list = useRef<HTMLElement>(null);
  if (state === undefined && listError !== undefined) {
    return (
      <p class="problem" role="alert">
        {listError}
      </p>
    );
  }
  if (state?.isShown !== true) return null;
  const back = () => {
    model.select(undefined);
    list.current?.querySelector<HTMLElement>('[aria-current="true"], .window button[tabindex="0"]')?.focus();
  };
  return (
    <div class={selectedId === undefined ? 'tab' : 'tab selected'}>
      <section class="pane list" aria-label="Runs" ref={list}>
        <ListHead model={model} view={view} hasAllChats={hasAllChats} />
        {listError !== undefined && (
          <p class="problem" role="alert">
            {listError}
          </p>
        )}
        {runs === undefined ? (
          <p class="note">Loading …</p>
        ) : (
          <RunList
            runs={runs}
            receivedAt={view.receivedAt}
            selectedId={selectedId}
            hasAllChats={hasAllChats}
            failedFirst={state.failedFirst === true}
            onSelect={(id) => model.select(id)}
          />
        )}
      </section>
      <section class="pane run" aria-label="Selected run">
        <SelectedRun model={model} view={view} onBack={back} />
      </section>
    </div>
  );
}

interface PartProps {
  readonly model: TabModel;
  readonly view: View;
}

function ListHead({ model, view, hasAllChats }: PartProps & { readonly hasAllChats: boolean }) {
  const { state, runs, isConnected } = view;
  const [problem, setProblem] = useState<string>();
  const { capture, canSetCapture, canDelete } = state ?? {};
  const download = () =>
    model.client.download('export').then(
      (content) => save(content, 'runs', 'all'),
      (error) => setProblem(`The download failed. ${error.message}`),
    );
  return (
    <>
      <div class="bar">
        <span>{several(runs?.length ?? 0, 'run')}</span>
        {canSetCapture && (
          <label>
            <input
              type="checkbox"
              checked={capture === 'full'}
              onChange={(event) => model.setCapture(event.currentTarget.checked ? 'full' : 'errors')}
            />{' '}
            Record this chat in full
          </label>
        )}
        {!hasAllChats && (runs?.length ?? 0) > 0 && (
          <button type="button" class="plain" onClick={download}>
            Download all
          </button>
        )}
      </div>
      <div class="bar quiet">
        <span>{captureText(capture, hasAllChats)}</span>
        <span role="status">{isConnected ? 'Live.' : 'Not live: connecting to the server …'}</span>
      </div>
      {canDelete && (
        <div class="bar">
          {!hasAllChats && (
            <a class="plain" href={model.client.pageUrl()}>
              All chats
            </a>
          )}
          <DeleteButton
            label={hasAllChats ? 'Delete everything' : 'Delete this chat'}
            question={hasAllChats ? 'All runs of all chats?' : 'All runs of this chat?'}
            onDelete={() => model.deleteRuns(model.client.chat)}
          />
        </div>
      )}
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function captureText(capture: string | undefined, hasAllChats: boolean): string {
  const what = hasAllChats ? 'New runs are' : 'New runs of this chat are';
  if (capture === 'full') return `${what} recorded in full.`;
  if (capture === 'errors') return `${what} recorded if they fail.`;
  return capture === 'off' ? `${what} not recorded.` : '';
}

function SelectedRun({ model, view, onBack }: PartProps & { onBack(): void }) {
  const { selectedId, stored, runError } = view;
  if (selectedId === undefined) return <p class="note">Select a run to see its steps.</p>;
  return (
    <>
      <div class="bar below back">
        <button type="button" class="plain" onClick={onBack}>
          Back to the runs
        </button>
      </div>
      {runError !== undefined && (
        <p class="problem" role="alert">
          {runError}
        </p>
      )}
      {stored === undefined && runError === undefined && <p class="note">Loading …</p>}
      {stored !== undefined && (
        <RunView key={stored.run.id} stored={stored} client={model.client} onBack={onBack} />
      )}
    </>
  );
}

function useView(model: TabModel): View {
  const [view, setView] = useState(model.view);
  useEffect(() => {
    const update = () => setView(model.view);
    update();
    return model.subscribe(update);
  }, [model]);
  return view;
}
