/** How the page looks, light and dark. Contrasts are 4.5 to 1 or more. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f8fa; --line: #d0d7de; --text: #1f2328; --quiet: #57606a; --link: #0757b5; --good: #116329; --bad: #a40e26; --busy: #7a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --raised: #161b22; --line: #30363d; --text: #e6edf3; --quiet: #9aa4af; --link: #79b8ff; --good: #56d364; --bad: #ff8b82; --busy: #e3b341; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--text); background: var(--ground); overflow-wrap: anywhere; }
main { max-width: 60rem; margin: 0 auto; padding: 0 1rem 2rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
article { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; margin: 0 0 .75rem; background: var(--raised); }
ul { list-style: none; margin: .4rem 0 0; padding: 0; }
ul:empty { display: none; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; color: var(--quiet); font-weight: 400; }
.state { display: inline-block; border: 1px solid currentcolor; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; color: var(--quiet); }
.success { color: var(--good); }
.failure, .error { color: var(--bad); }
.queued, .pending, .in_progress { color: var(--busy); }
q { quotes: none; color: var(--quiet); }
`;
