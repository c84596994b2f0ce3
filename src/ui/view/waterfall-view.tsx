import * as names from '../../semconv.js';
import { text } from '../model/attributes.js';
import type { Row } from '../model/waterfall.js';
import { duration, statusWord } from '../model/words.js';
import { className } from './parts.js';
import { Windowed } from './windowed.js';

interface WaterfallProps {
  readonly rows: readonly Row[];
  readonly totalMillis: number;
  readonly selectedKey: string | undefined;
  onSelect(key: string): void;
}

const ROW_HEIGHT = 28;
const MAX_ROWS = 14;

/** Timeline of runs, steps, attempts and pauses. Spans of other instrumentations are dimmed. */
export function WaterfallView({ rows, totalMillis, selectedKey, onSelect }: WaterfallProps) {
  return (
    <div class="waterfall">
      <Windowed
        label="Steps and attempts over time"
        items={rows}
        rowHeight={ROW_HEIGHT}
        maxRows={MAX_ROWS}
        selectedKey={selectedKey}
        keyOf={(row) => row.key}
        row={(row, button) => (
          <button
            type="button"
            class={`row ${row.type}`}
            {...button}
            aria-current={row.key === selectedKey}
            aria-disabled={row.type === 'pause'}
            onClick={() => row.type !== 'pause' && onSelect(row.key)}
          >
            <RowContent row={row} totalMillis={totalMillis} />
          </button>
        )}
      />
    </div>
  );
}

function RowContent({ row, totalMillis }: { readonly row: Row; readonly totalMillis: number }) {
  const { status, name } = description(row);
  const share = (millis: number) => `${Math.min(Math.max((100 * millis) / totalMillis, 0), 100)}%`;
  const place = { left: share(row.offsetMillis), width: share(row.durationMillis) };
  return (
    <>
      <span class="name" style={{ paddingLeft: `${row.depth}rem` }}>
        {name}
      </span>
      <span class="track">
        <span class={`bar-of ${row.type === 'pause' ? 'pause' : className(status)}`} style={place} />
      </span>
      <span class="took">{duration(row.durationMillis)}</span>
      <span class="unseen">
        {row.type !== 'pause' && status !== '' && `${statusWord(status)}, `}
        starts after {duration(row.offsetMillis)}
      </span>
    </>
  );
}

function description(row: Row): { readonly status: string; readonly name: string } {
  if (row.type === 'pause') {
    const asked = row.askedMillis === undefined ? '' : ` (asked for ${duration(row.askedMillis)})`;
    return { status: '', name: `waits${asked}` };
  }
  if (row.type === 'attempt') {
    const { number: no, statusCode, status } = row.attempt;
    return { status, name: `attempt ${no}: ${statusCode ?? 'no response'} ${statusWord(status)}` };
  }
  if (row.type === 'step') {
    const { number: no, status, span } = row.step;
    return { status, name: `step ${no}: ${span.name}` };
  }
  const { attributes, name } = row.span;
  const status = text(attributes, names.ATTR_CHATDEBUG_RUN_STATUS) ?? '';
  const kind = text(attributes, names.ATTR_CHATDEBUG_RUN_KIND) ?? name;
  return { status, name: row.type === 'run' ? `run ${kind}` : name };
}
