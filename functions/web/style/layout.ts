/** Colours, letters, and how a page is laid out. Contrasts are 4.5 to 1 or more, light and dark. */
export const LAYOUT_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff;
  --raised: #f6f7f9;
  --line: #d5d9e0;
  --text: #1a1d23;
  --quiet: #565d6b;
  --link: #0b57c2;
  --good: #17703a;
  --busy: #0b57c2;
  --wait: #8a5a00;
  --bad: #b3261e;
  --stop: #7a3fb0;
  --odd: #a33b6b;
  --none: #565d6b;
  --button: #0b57c2;
  --on-button: #ffffff;
  --bar: #bcd3f0;
  --bar-too: #8fb4e2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a;
    --raised: #1d2026;
    --line: #373c46;
    --text: #e8eaee;
    --quiet: #a4abb8;
    --link: #8ab4ff;
    --good: #63c98a;
    --busy: #8ab4ff;
    --wait: #e3b341;
    --bad: #ff8a80;
    --stop: #c79bf2;
    --odd: #f29cc0;
    --none: #a4abb8;
    --button: #8ab4ff;
    --on-button: #10203a;
    --bar: #26405f;
    --bar-too: #33527a;
  }
}
* { box-sizing: border-box; }
html { scrollbar-gutter: stable; background: var(--ground); }
body {
  margin: 0;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  color: var(--text);
  background: var(--ground);
  overflow-wrap: anywhere;
}
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible,
textarea:focus-visible, summary:focus-visible, [tabindex="0"]:focus-visible {
  outline: 3px solid var(--link);
  outline-offset: 2px;
  border-radius: 2px;
}
main:focus { outline: none; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .5rem; z-index: 1; }
header {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: .25rem 1.5rem;
  padding: .6rem 1.25rem;
  border-bottom: 1px solid var(--line);
  background: var(--raised);
}
.brand { font-weight: 700; font-size: 1.1rem; color: var(--text); text-decoration: none; }
.parts { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: 0; padding: 0; }
.parts a { text-decoration: none; padding: .2rem 0; border-bottom: 2px solid transparent; }
.parts a[aria-current] { border-color: var(--link); font-weight: 600; }
.person { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: center; color: var(--quiet); }
main { max-width: 90rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
footer { padding: 1rem 1.25rem; color: var(--quiet); font-size: .875rem; border-top: 1px solid var(--line); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p { margin: .5rem 0; max-width: 70ch; }
.trail { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; font-size: .9rem; }
.trail li:not(:last-child)::after { content: "/"; color: var(--quiet); margin: 0 .5rem; }
.quiet { color: var(--quiet); }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
code { font: .9em ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace; }
@media print {
  header nav, .person form, .acts, .filter, form.act, .confirm, button.copy, .skip, .spans { display: none; }
  main { max-width: none; padding: 0; }
}
@media (max-width: 40rem) {
  header, main, footer { padding-left: .75rem; padding-right: .75rem; }
  .person { margin-left: 0; width: 100%; font-size: .9rem; }
  h1 { font-size: 1.35rem; }
}
`;
