/** How the page looks, light and dark. Contrasts are 4.5 to 1 or more. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f4f8; --line: #d9d5de; --text: #1d1c1d; --quiet: #5b5560;
  --link: #0b57c2; --accent: #5a2a6b; --on-accent: #ffffff; --good: #17703a; --bad: #b3261e; --on-strong: #ffffff;
  --own: #f3efe2; --mention: #e7eefb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #17151a; --raised: #211e25; --line: #3c3742; --text: #ebe8ee; --quiet: #aba4b3;
    --link: #8ab4ff; --accent: #d7a8e8; --on-accent: #2a1232; --good: #63c98a; --bad: #ff8a80; --on-strong: #17151a;
    --own: #29261c; --mention: #1f2b40;
  }
}
* { box-sizing: border-box; }
html { background: var(--ground); scrollbar-gutter: stable; }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; color: var(--text); background: var(--ground); overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .5rem; z-index: 2; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding: .6rem 1rem; background: var(--raised); border-bottom: 1px solid var(--line); }
.brand { font-weight: 700; margin: 0; color: var(--accent); }
.who { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center; margin-left: auto; }
.who label { font-size: .9rem; color: var(--quiet); }
.columns { display: grid; grid-template-columns: 16rem minmax(0, 1fr); }
nav { padding: 1rem; border-right: 1px solid var(--line); background: var(--raised); }
nav h2 { font-size: .9rem; margin: 0 0 .4rem; color: var(--quiet); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: flex; justify-content: space-between; gap: .4rem; padding: .2rem .4rem; border-radius: 4px; text-decoration: none; color: var(--text); }
nav a[aria-current] { background: var(--accent); color: var(--on-accent); font-weight: 600; }
nav a[aria-current] .quiet { color: inherit; }
main { padding: 0 1rem; max-width: 60rem; min-height: calc(100vh - 4rem); display: flex; flex-direction: column; }
h1 { font-size: 1.2rem; margin: .8rem 0; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: 0; }
.quiet { color: var(--quiet); font-size: .875rem; font-weight: 400; }
.messages, .thread { list-style: none; margin: 0; padding: 0; }
#messages { flex: 1; }
.thread { margin: .2rem 0 0 1.4rem; padding-left: 1rem; border-left: 2px solid var(--line); }
.count { margin-left: 3.1rem; }
.message { display: grid; grid-template-columns: 2.25rem minmax(0, 1fr); gap: .75rem; padding: .5rem .25rem; }
.message.own { background: var(--own); border-radius: 6px; }
.face { width: 2.25rem; height: 2.25rem; border-radius: 6px; display: grid; place-items: center; font-weight: 700; background: var(--line); color: var(--text); }
.face.app { background: var(--accent); color: var(--on-accent); }
.by { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; }
.tag { font-size: .75rem; border: 1px solid var(--quiet); color: var(--quiet); border-radius: 3px; padding: 0 .25rem; }
.section { margin: .2rem 0; }
.context { color: var(--quiet); font-size: .875rem; margin: .2rem 0; }
.context > * { margin-inline-end: .75rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
code { font: .9em ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace; background: var(--raised); border: 1px solid var(--line); border-radius: 3px; }
code { padding: 0 .2rem; }
.mention { background: var(--mention); color: var(--link); border-radius: 3px; padding: 0 .15rem; }
button, .button { display: inline-block; font: inherit; font-size: .95rem; font-weight: 600; padding: .3rem .75rem; color: var(--text); background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; cursor: pointer; text-decoration: none; }
button.primary, .button.primary { background: var(--good); border-color: var(--good); color: var(--on-strong); }
button.danger, .button.danger { background: var(--bad); border-color: var(--bad); color: var(--on-strong); }
input, select, textarea { font: inherit; font-size: 1rem; padding: .35rem .5rem; color: var(--text); background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; max-width: 100%; }
.say { position: sticky; bottom: 0; background: var(--ground); padding: .5rem 0 1rem; border-top: 1px solid var(--line); }
.say label { display: block; font-size: .875rem; color: var(--quiet); margin-bottom: .2rem; }
.row { display: flex; gap: .5rem; }
.row input { flex: 1; min-width: 0; }
.dialog { border: 2px solid var(--accent); border-radius: 8px; padding: 1rem; margin: 0 0 1rem; background: var(--raised); }
.field { margin: .5rem 0; }
.field label { display: block; font-weight: 600; }
.field input, .field textarea { width: 100%; margin-top: .25rem; }
.problem { color: var(--bad); font-weight: 600; }
@media (max-width: 48rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  nav { border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul { display: flex; flex-wrap: wrap; gap: .2rem; }
  .who { margin-left: 0; width: 100%; }
  .thread { margin-left: .2rem; padding-left: .5rem; }
  .count { margin-left: 0; }
}
`;
