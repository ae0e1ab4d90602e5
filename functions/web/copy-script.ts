/** For how long a button shows that it has copied, in milliseconds. */
const SHOWN_MS = 2000;

/**
 * Copies what a button of the class `copy` stands for, and says so to those who look and to those who hear. Where the
 * browser lets nothing be copied, the text before the button is selected instead.
 * Source: https://developer.mozilla.org/docs/Web/API/Clipboard/writeText
 */
export const COPY_SCRIPT = `"use strict";
(() => {
  const said = document.querySelector("#said");

  function say(text) {
    said.textContent = text;
    setTimeout(() => { said.textContent = ""; }, ${SHOWN_MS});
  }

  document.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element ? target.closest("button.copy") : null;
    if (button === null) {
      return;
    }
    try {
      await navigator.clipboard.writeText(button.value);
      button.dataset.copied = "";
      setTimeout(() => { delete button.dataset.copied; }, ${SHOWN_MS});
      say(button.getAttribute("aria-label").replace("Copy", "Copied"));
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      say("Selected, since nothing can be copied here: press Control and C");
    }
  });
})();
`;
