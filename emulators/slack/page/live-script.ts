/** How often the page looks for what is new. */
const EVERY_MS = 1000;

/**
 * Keeps the messages, the channels and what is open as they are now. What a person is in with the keyboard stays as it
 * is. Without it the page works too, and shows what is new when it is loaded again.
 */
export const LIVE_SCRIPT = `"use strict";
const parts = ["channels", "open", "messages"];
function toEnd() { window.scrollTo(0, document.documentElement.scrollHeight); }
function isAtEnd() { return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80; }
async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const wasAtEnd = isAtEnd();
  let isChanged = false;
  for (const id of parts) {
    const now = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (now && next && now.innerHTML !== next.innerHTML && !now.contains(document.activeElement)) {
      now.replaceChildren(...next.childNodes);
      isChanged = true;
    }
  }
  if (isChanged && wasAtEnd) toEnd();
}
const dialog = document.querySelector(".dialog input:not([type=hidden]), .dialog textarea, .dialog button");
if (dialog) { dialog.focus(); } else { document.getElementById("say")?.focus({ preventScroll: true }); toEnd(); }
// Before one look has ended there is no next: on a slow machine they would pile up.
function later() { setTimeout(() => { look().catch(() => {}).finally(later); }, ${EVERY_MS}); }
later();
`;
