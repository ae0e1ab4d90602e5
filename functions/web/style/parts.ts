/** What stands on pages: tables, badges, forms. */
export const PARTS_STYLE = `
.badge { display: inline-flex; align-items: center; gap: .35rem; font-weight: 600; font-size: .9rem; white-space: nowrap; }
.badge svg { fill: currentColor; flex: none; }
.good { color: var(--good); }
.busy { color: var(--busy); }
.wait { color: var(--wait); }
.bad { color: var(--bad); }
.stop { color: var(--stop); }
.odd { color: var(--odd); }
.none { color: var(--none); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .55rem 1rem .55rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; color: var(--quiet); font-size: .875rem; padding-bottom: .35rem; }
.grid { table-layout: fixed; }
.grid thead th:first-child { width: 18%; }
.grid tbody th > a { font-weight: 600; }
.label { font-size: .8rem; color: var(--quiet); }
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
.people { display: grid; gap: .6rem; max-width: 20rem; }
.people button { text-align: left; }
@media (max-width: 40rem) {
  .stacked table, .stacked tbody, .stacked tr, .stacked th, .stacked td { display: block; width: auto; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
  .stacked th, .stacked td { border: 0; padding: .2rem 0; }
  .stacked td:has(.absent) { display: none; }
  .stacked td::before { content: attr(data-heading); display: block; font-size: .8rem; color: var(--quiet); }
  .filter a { padding-top: 0; }
  .filter label { flex: 1 1 100%; }
  .filter input, .filter select { width: 100%; }
}
`;
