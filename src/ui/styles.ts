/** The host page may set `color-scheme`. */
export const STYLES = `
:host {
  color-scheme: light dark;
  --surface: light-dark(#ffffff, #1d2027);
  --raised: light-dark(#f1f3f6, #262a33);
  --line: light-dark(#d5dae2, #3a404c);
  --text: light-dark(#1d2129, #e6e8ec);
  --quiet: light-dark(#566070, #a8b0be);
  --link: light-dark(#0b57d0, #8ab4f8);
  --good: light-dark(#0f6b3a, #7ddba3);
  --bad: light-dark(#b3261e, #ffb4ab);
  --odd: light-dark(#7a4b00, #f2c063);
  --running: light-dark(#0b57d0, #8ab4f8);
  --mark: light-dark(#ffe9b3, #574300);
  display: block;
  container-type: inline-size;
  color: var(--text);
  font: 14px/1.45 system-ui, sans-serif;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
h2, h3, h4, p, ul, ol, dl, dd, pre, figure { margin: 0; }
ul, ol { padding: 0; list-style: none; }
button, input, select { font: inherit; color: inherit; }
button.plain, a.plain {
  padding: 0.15rem 0.55rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--raised); color: var(--text); text-decoration: none; cursor: pointer;
}
button.danger { border-color: var(--bad); color: var(--bad); }
button:focus-visible, a:focus-visible, summary:focus-visible, input:focus-visible,
select:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
input[type="search"], select {
  padding: 0.25rem 0.4rem; border: 1px solid var(--line); border-radius: 6px; background: var(--surface);
}
pre, code { font: 12.5px/1.5 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-radius: 3px; }
.quiet { color: var(--quiet); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

.tab { display: grid; grid-template-columns: minmax(15rem, 22rem) minmax(0, 1fr); gap: 0.75rem; height: 100%; }
.pane {
  display: flex; flex-direction: column; min-height: 0; min-width: 0;
  border: 1px solid var(--line); border-radius: 8px; background: var(--surface); overflow: hidden;
}
.bar { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; padding: 0.5rem 0.6rem; }
.bar.below { border-bottom: 1px solid var(--line); }
.bar input[type="search"] { flex: 1; min-width: 6rem; }
.problem { padding: 0.5rem 0.6rem; color: var(--bad); }
.note { padding: 0.6rem; color: var(--quiet); }
.back { display: none; }
@container (max-width: 46rem) {
  .tab { grid-template-columns: minmax(0, 1fr); }
  .tab.selected > .list, .tab:not(.selected) > .run { display: none; }
  .back { display: inline-block; }
}

.window { flex: 1; min-height: 12rem; overflow: auto; position: relative; }
.window > ul { position: relative; }
.window > ul > li { position: absolute; left: 0; right: 0; }
.card {
  display: block; width: 100%; height: 100%; padding: 0.4rem 0.6rem; text-align: left; cursor: pointer;
  border: 0; border-bottom: 1px solid var(--line); background: none;
}
.card:hover { background: var(--raised); }
.card[aria-current="true"] { background: var(--raised); box-shadow: inset 3px 0 var(--link); }
.card > span { display: flex; gap: 0.4rem; align-items: center; white-space: nowrap; overflow: hidden; }
.card .label { font-weight: 600; }
.cut { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

.badge { padding: 0 0.4rem; border: 1px solid currentColor; border-radius: 99px; font-size: 12px; white-space: nowrap; }
.badge.completed { color: var(--good); }
.badge.error, .badge.failed { color: var(--bad); }
.badge.interrupted { color: var(--odd); }
.badge.in_progress { color: var(--running); }
.spinner {
  display: inline-block; width: 0.75rem; height: 0.75rem; border: 2px solid var(--running);
  border-right-color: transparent; border-radius: 50%; animation: turn 1s linear infinite;
}
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .spinner { animation: none; } }

.run > .scroll { flex: 1; overflow: auto; padding: 0.6rem 0.8rem 2rem; }
.run h2 { font-size: 1.1rem; overflow-wrap: anywhere; outline: none; }
.run h3 { font-size: 1rem; margin: 1rem 0 0.3rem; overflow-wrap: anywhere; }
.run h4 { font-size: 0.9rem; margin: 0.6rem 0 0.2rem; }
.line { display: flex; flex-wrap: wrap; gap: 0.3rem 0.7rem; align-items: center; margin: 0.3rem 0; }
.absent { margin: 0.4rem 0; padding: 0.4rem 0.6rem; border-left: 3px solid var(--line); color: var(--quiet); }
.failure { margin: 0.5rem 0; padding: 0.5rem 0.7rem; border-left: 3px solid var(--bad); background: var(--raised); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.1rem 0.8rem; }
dt { color: var(--quiet); }
dd { overflow-wrap: anywhere; }
@container (max-width: 36rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 0.3rem; } }
details { margin: 0.25rem 0; border: 1px solid var(--line); border-radius: 6px; }
summary { padding: 0.3rem 0.6rem; cursor: pointer; overflow-wrap: anywhere; }
details > .inside { padding: 0.3rem 0.6rem 0.6rem; border-top: 1px solid var(--line); }

.waterfall { height: auto; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; display: flex; }
.row {
  display: grid; grid-template-columns: minmax(9rem, 34%) 1fr 5.5rem; gap: 0.5rem; align-items: center;
  width: 100%; height: 100%; padding: 0 0.5rem; border: 0; background: none; text-align: left; cursor: pointer;
}
.row:hover, .row[aria-current="true"] { background: var(--raised); }
.row.other { color: var(--quiet); font-style: italic; }
.row .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row .track { position: relative; height: 0.7rem; }
.row .bar-of { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 2px; background: var(--quiet); }
.row .completed { background: var(--good); }
.row .error, .row .failed { background: var(--bad); }
.row .interrupted { background: var(--odd); }
.row .in_progress { background: var(--running); }
.row .pause { background: none; border: 1px dashed var(--quiet); }
.row.other .bar-of { opacity: 0.5; }
.row .took { text-align: right; font-variant-numeric: tabular-nums; }

.message { margin: 0.4rem 0; padding-left: 0.6rem; border-left: 3px solid var(--line); }
.message.user { border-color: var(--link); }
.message.assistant { border-color: var(--good); }
.message.tool { border-color: var(--odd); }
.role { font-weight: 600; }
.part { margin: 0.2rem 0; }
.added { border-color: var(--good); background: var(--raised); }
.removed { border-color: var(--bad); background: var(--raised); }
.flaw { color: var(--bad); font-weight: 600; }
table { border-collapse: collapse; }
th, td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
textarea { width: 100%; min-height: 6rem; font: 12.5px/1.5 ui-monospace, monospace; }
`;
