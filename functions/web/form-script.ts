/**
 * Whoever goes on from a page that a form was answered with, and comes back, would be asked by the browser whether to
 * send the form again, since nothing of it is kept. They get the form instead.
 * Source: https://developer.mozilla.org/docs/Web/API/History/replaceState
 */
export const FORM_SCRIPT = `"use strict";
(() => {
  function leave() {
    history.replaceState(null, "", location.href);
  }

  document.addEventListener("submit", leave);
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("a[href]") !== null) {
      leave();
    }
  });
})();
`;
