import { useState } from 'preact/hooks';
import type { Card } from '../../debug-tab/contract.js';
import { type DebugTabClient, ServerError } from '../client.js';
import { webAddress } from '../model/words.js';

interface CopyProps {
  readonly label: string;
  text(): string;
}

/** Copies text to the clipboard. Shows the text if the browser denies access. */
export function CopyButton({ label, text }: CopyProps) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setOutcome('copied');
    } catch {
      setOutcome('refused');
    }
  };
  return (
    <>
      <button type="button" class="plain" onClick={copy}>
        {label}
      </button>
      <span role="status" class="quiet">
        {outcome === 'copied' && 'Copied.'}
      </span>
      {outcome === 'refused' && (
        <textarea readOnly aria-label={`${label}, to be copied by hand`} value={text()} />
      )}
    </>
  );
}

interface DeleteButtonProps {
  readonly label: string;
  readonly question: string;
  onDelete(): void;
}

export function DeleteButton({ label, question, onDelete }: DeleteButtonProps) {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) {
    return (
      <button type="button" class="plain" onClick={() => setAsked(true)}>
        {label}
      </button>
    );
  }
  return (
    <span>
      <span role="alert">{question}</span>{' '}
      <button
        type="button"
        class="plain danger"
        onClick={() => {
          setAsked(false);
          onDelete();
        }}
      >
        Delete
      </button>{' '}
      <button type="button" class="plain" onClick={() => setAsked(false)}>
        Keep
      </button>
    </span>
  );
}

interface RunActionsProps {
  readonly run: Card;
  readonly client: DebugTabClient;
}

export function RunActions({ run, client }: RunActionsProps) {
  const [problem, setProblem] = useState<string>();
  const download = async (what: 'export' | 'case') => {
    try {
      save(await client.download(what, run.id), what === 'case' ? 'field-case' : 'run', run.id);
      setProblem(undefined);
    } catch (error) {
      const isAbsent = what === 'case' && error instanceof ServerError && error.status === 404;
      const reason = error instanceof Error ? error.message : String(error);
      setProblem(isAbsent ? 'This server gives no field cases.' : `The download failed. ${reason}`);
    }
  };
  const { traceId } = run;
  const url = webAddress(run.url);
  return (
    <>
      <div class="line">
        {traceId !== undefined && <CopyButton label="Copy the trace id" text={() => traceId} />}
        {client.chat === undefined && run.chatId !== undefined && (
          <a class="plain" href={client.pageUrl(run.chatId)}>
            Only this chat
          </a>
        )}
        {url !== undefined && (
          <a class="plain" href={url} target="_blank" rel="noopener noreferrer">
            Open the trace in {new URL(url).host}
          </a>
        )}
        <button type="button" class="plain" onClick={() => download('export')}>
          Download as JSON
        </button>
        <button type="button" class="plain" onClick={() => download('case')}>
          Download as a field case
        </button>
      </div>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

export function save(content: Blob, prefix: string, id: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${prefix}-${id.replace(/[^\w.-]+/g, '_').slice(0, 80)}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
