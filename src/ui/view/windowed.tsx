import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Props of the button of a row, the only focusable element there. */
export interface RowButtonProps {
  readonly tabIndex: number;
  onFocus(): void;
  onKeyDown(event: TargetedKeyboardEvent<HTMLButtonElement>): void;
}

interface WindowedProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly rowHeight: number;
  /** The maximum number of visible rows, if the container does not limit the height. */
  readonly maxRows?: number;
  /** Scrolled to when it changes. */
  readonly selectedKey: string | undefined;
  keyOf(item: T): string;
  row(item: T, button: RowButtonProps): ComponentChildren;
}

/** Rows rendered beyond the visible ones, at each end. */
const SPARE_ROWS = 6;

/**
 * A virtualized list of rows of equal height. It has one tab stop. Arrow keys, Page Up and Down, Home and End move
 * the focus.
 */
export function Windowed<T>(props: WindowedProps<T>) {
  const { label, items, rowHeight, maxRows, selectedKey, keyOf, row } = props;
  const container = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [activeKey, setActiveKey] = useState(selectedKey);
  const [wantsFocus, setWantsFocus] = useState(false);
  const indexOf = (key: string | undefined) => items.findIndex((item) => keyOf(item) === key);
  const active = Math.max(indexOf(activeKey), 0);

  useEffect(() => {
    const { current } = container;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(current.clientHeight));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  const show = (index: number) => {
    const { current } = container;
    if (current === null) return;
    const [begin, end] = [index * rowHeight, (index + 1) * rowHeight];
    if (begin < current.scrollTop) current.scrollTop = begin;
    else if (end > current.scrollTop + current.clientHeight) current.scrollTop = end - current.clientHeight;
    setTop(current.scrollTop);
  };
  useLayoutEffect(() => {
    const selected = indexOf(selectedKey);
    if (selected < 0) return;
    setActiveKey(selectedKey);
    show(selected);
  }, [selectedKey]);
  useLayoutEffect(() => {
    if (!wantsFocus) return;
    setWantsFocus(false);
    container.current?.querySelector<HTMLElement>(`[data-index="${active}"] button`)?.focus();
  }, [wantsFocus, active, top]);

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const page = Math.max(Math.floor(height / rowHeight) - 1, 1);
    const next = moved(event.key, active, page, items.length);
    const item = next === undefined ? undefined : items[next];
    if (next === undefined || item === undefined) return;
    event.preventDefault();
    setActiveKey(keyOf(item));
    show(next);
    setWantsFocus(true);
  };
  const first = Math.max(Math.floor(top / rowHeight) - SPARE_ROWS, 0);
  const visible = Math.ceil(height / rowHeight) + 2 * SPARE_ROWS;
  const shown = items.slice(first, first + visible);
  const hasActive = active >= first && active < first + shown.length;
  const ownHeight = { height: `${Math.min(items.length, maxRows ?? 0) * rowHeight}px`, minHeight: '0' };
  return (
    <div
      class="window"
      ref={container}
      style={maxRows === undefined ? {} : ownHeight}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <ul aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
        {shown.map((item, at) => {
          const index = first + at;
          const key = keyOf(item);
          const isStop = hasActive ? index === active : at === 0;
          const place = { top: `${index * rowHeight}px`, height: `${rowHeight}px` };
          const button = { tabIndex: isStop ? 0 : -1, onFocus: () => setActiveKey(key), onKeyDown };
          return (
            <li
              key={key}
              style={place}
              data-index={index}
              aria-setsize={items.length}
              aria-posinset={index + 1}
            >
              {row(item, button)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function moved(key: string, from: number, page: number, length: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: length - 1,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.min(Math.max(target, 0), length - 1);
}
