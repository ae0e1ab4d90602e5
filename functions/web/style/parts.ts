/** What stands on pages: tables, badges, forms. */
export const PARTS_STYLE = `
.badge { display: inline-flex; align-items: baseline; gap: .35rem; font-weight: 600; font-size: .9rem; white-space: nowrap; }
.badge svg { fill: currentColor; flex: none; align-self: center; }
.good { color: var(--good); }
.busy { color: var(--busy); }
.wait { color: var(--wait); }
.bad { color: var(--bad); }
.stop { color: var(--stop); }
.odd { color: var(--odd); }
.none { color: var(--none); }
td .whole, th .whole, td .id, th .id, time { white-space: nowrap; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .55rem 1rem .55rem 0; border-bottom: 1px solid var(--line); font-weight: 400; min-width: 5rem; }
thead th { font-weight: 600; color: var(--quiet); font-size: .875rem; padding-bottom: .35rem; }
table:not(.grid) thead th { white-space: nowrap; }
.grid, .steps, .gates { table-layout: fixed; }
.steps thead th:nth-child(-n+4) { width: 11%; }
.steps thead th:nth-child(3) { width: 14%; }
.gates thead th:first-child { width: 18%; }
.gates thead th:nth-child(2) { width: 13%; }
.gates thead th:nth-child(4) { width: 22%; }
.news { position: relative; }
.news p { max-width: 100ch; }
main[data-live] .news, .live .news { min-height: 5.75rem; }
main[data-live] .room, .live .room { min-height: 3.6rem; }
/* While a page changes by itself, a long text has so many lines, and is whole for whoever points at it, taps it or goes to it by the keyboard. */
@media screen {
  main[data-live] .told, .live .told { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
  main[data-live] .told:is(:hover, :focus), .live .told:is(:hover, :focus) {
    position: absolute;
    z-index: 1;
    left: 0;
    right: 0;
    -webkit-line-clamp: none;
    background: var(--ground);
    box-shadow: 0 2px 6px var(--quiet);
  }
  .steps td { position: relative; }
}
@media (min-width: 40rem) {
  main[data-live] .steps tbody tr, .live .steps tbody tr { height: 4.2rem; }
}
.grid thead th:first-child { width: 18%; }
.grid tbody th > a { font-weight: 600; }
.label { font-size: .8rem; color: var(--quiet); }
td .label, th .label { white-space: nowrap; }
.runs, .marks { display: flex; flex-wrap: wrap; gap: .1rem .75rem; align-items: baseline; }
.notes { margin: .25rem 0 0; padding: 0; list-style: none; font-size: .875rem; color: var(--quiet); }
.notes li { margin: .1rem 0; }
.problem { color: var(--bad); font-weight: 600; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 0 0 1.25rem; }
label { display: block; font-size: .875rem; color: var(--quiet); }
input, select, textarea {
  display: block;
  width: 100%;
  margin-top: .15rem;
  padding: .4rem .5rem;
  font: inherit;
  font-size: 1rem;
  color: var(--text);
  background: var(--ground);
  border: 1px solid var(--quiet);
  border-radius: 4px;
}
input, select { height: 2.5rem; }
.filter input, .filter select { width: 11rem; }
.filter a { align-self: center; padding-top: 1.25rem; }
input[type="checkbox"], input[type="radio"] { display: inline-block; width: auto; height: auto; margin: 0 .4rem 0 0; }
::placeholder { color: var(--quiet); opacity: 1; }
button, .button {
  display: inline-block;
  padding: .45rem .9rem;
  font: inherit;
  font-weight: 600;
  color: var(--on-button);
  background: var(--button);
  border: 1px solid var(--button);
  border-radius: 4px;
  cursor: pointer;
  text-decoration: none;
}
button.quiet, .button.quiet { color: var(--link); background: transparent; border-color: var(--quiet); }
button.danger { background: var(--bad); border-color: var(--bad); color: var(--ground); }
button.link { padding: 0; background: none; border: 0; font-weight: 400; color: var(--link); text-decoration: underline; }
.stages { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; list-style: none; margin: 1rem 0; padding: 0; }
.stage { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem 1rem; background: var(--raised); }
.stage h2 { margin: 0 0 .4rem; font-size: 1.1rem; }
.stage h2 .quiet { font-weight: 400; font-size: .875rem; }
.between { font-size: .9rem; margin: .6rem 0; }
.cut { font-size: 0; }
.cut::before { content: "\\2026"; font-size: .9rem; }
td .copyable, th .copyable { white-space: nowrap; }
dd .copyable { display: flex; align-items: baseline; }
dd .copyable code { line-height: 1.65; }
dd .copyable .copy { flex: none; }
button.copy { display: none; }
@media (scripting: enabled) {
  button.copy {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    width: 1.5rem;
    height: 1.5rem;
    margin: -.25rem 0;
    padding: 0;
    vertical-align: middle;
    color: var(--quiet);
    background: none;
    border: 0;
  }
}
button.copy:hover, button.copy:focus-visible { color: var(--link); }
button.copy:focus-visible { outline-offset: -2px; }
button.copy::before {
  content: "";
  width: .5rem;
  height: .6rem;
  border: 1px solid currentColor;
  border-radius: 2px;
  box-shadow: 3px -3px 0 -1px var(--ground), 3px -3px 0 0 currentColor;
}
button.copy[data-copied] { color: var(--good); }
button.copy[data-copied]::before { content: "\\2713"; width: auto; height: auto; border: 0; box-shadow: none; }
.acts { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .5rem 1.5rem; margin: 1rem 0; }
.facts dt { font-size: .875rem; color: var(--quiet); }
.facts dd { margin: 0; }
.field { margin: 0 0 1rem; max-width: 36rem; }
.hint { font-size: .875rem; color: var(--quiet); margin-top: .2rem; }
label.box { display: flex; align-items: baseline; font-size: 1rem; color: var(--text); }
label.box input { flex: none; }
.confirm { margin: 1.25rem 0; }
.act { margin-top: 1.25rem; }
.difference { overflow-x: auto; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 4px; background: var(--raised); font: .875rem/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
.difference div { white-space: pre; }
.difference .taken { color: var(--bad); }
.difference .added { color: var(--good); }
.spans { display: flex; gap: 1rem; }
.spans [aria-current] { font-weight: 600; color: var(--text); text-decoration: none; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2rem; }
.bars { display: block; width: 100%; font: 11px system-ui, "DejaVu Sans", sans-serif; }
.wide:has(.timeline) { direction: rtl; }
.drawn { direction: ltr; min-width: 44rem; }
.lanes { display: none; }
.timeline { display: block; width: 100%; font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
svg text { fill: var(--text); }
svg .when { fill: var(--quiet); text-anchor: middle; }
svg .lane { font: 14px system-ui, "DejaVu Sans", sans-serif; }
svg .tick { stroke: var(--line); }
svg .shade0 { fill: var(--bar); }
svg .shade1 { fill: var(--bar-too); }
svg .back { fill: var(--odd); fill-opacity: .35; stroke: var(--odd); }
svg .incident { fill: var(--bad); fill-opacity: .16; }
svg .opened { stroke: var(--bad); stroke-width: 2; }
svg path.bad { fill: var(--bad); }
svg path.odd { fill: var(--odd); }
svg path.stop { fill: var(--stop); fill-rule: evenodd; }
svg path.wait { fill: var(--wait); }
.people { display: grid; gap: .6rem; max-width: 20rem; }
.people button { text-align: left; }
@media (max-width: 44rem) {
  .timeline .lane { display: none; }
  .lanes { display: block; position: sticky; left: 0; width: max-content; max-width: 16rem; height: 0; margin: 0; padding: 0; list-style: none; font-size: .75rem; line-height: .8rem; }
  .lanes li { position: relative; top: 1.232rem; height: 1.936rem; padding-top: 1.13rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .lanes span { background: var(--ground); padding: 0 .25rem 0 0; }
}
@media (max-width: 40rem) {
  /* A chart is a third as wide: fewer moments and the newest value can be read, and all stand in the table. */
  .bars { font-size: 20px; overflow: visible; }
  .bars .when { display: none; }
  .bars g:nth-of-type(4n) .when:not(.value), .bars g:last-of-type .value { display: inline; }
  .bars g:last-of-type .value { text-anchor: end; }
  .stacked table, .stacked tbody, .stacked tr, .stacked th, .stacked td { display: block; width: auto; min-width: 0; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  /* Heights are whole pixels, so that a row more moves what is below by as much as the window is moved. */
  .stacked tr { border-bottom: 1px solid var(--line); padding: .625rem 0; }
  /* Two short cells stand side by side, each half as wide: what a cell says may change, and no cell changes its place. */
  .stacked table:not(.grid, .steps) tr { display: flex; flex-wrap: wrap; column-gap: .5rem; }
  .stacked table:not(.grid, .steps) th { flex: 1 0 100%; }
  .stacked table:not(.grid, .steps) td { flex: 1 1 calc(50% - .25rem); min-width: auto; }
  .stacked table.gates:not(.grid, .steps) th { flex-basis: calc(50% - .25rem); }
  .stacked .gates td:nth-child(2)::before { content: none; }
  .stacked .label { font-size: .75rem; line-height: 1.125rem; }
  .stacked table:not(.grid, .steps) td:has(> bdi:not([class])) { flex-basis: 100%; }
  .stacked .steps tr { display: grid; grid-template-columns: 1fr 1fr; column-gap: 1rem; align-content: start; }
  .stacked .steps td:nth-child(5) { grid-column: 1 / -1; }
  .stacked .steps td:is(:nth-child(2), :nth-child(5))::before { content: none; }
  main[data-live] .steps tr, .live .steps tr { min-height: 11.5rem; }
  main[data-live] .news, .live .news { min-height: 11rem; }
  main[data-live] .news .told, .live .news .told { -webkit-line-clamp: 3; }
  main[data-live] .links, .live .links { min-height: 4.5rem; }
  .stacked th, .stacked td { border: 0; padding: .25rem 0; }
  .stacked :is(.id:not(.short), .copyable:not(:has(.short))) { white-space: normal; }
  .stacked td:empty { display: none; }
  .stacked td:has(.absent) { display: none; }
  .stacked td::before { content: attr(data-heading); display: block; font-size: .8rem; line-height: 1.25rem; color: var(--quiet); }
  .filter a { padding-top: 0; }
  .filter label { flex: 1 1 12rem; }
  .filter input, .filter select { width: 100%; }
}
`;
