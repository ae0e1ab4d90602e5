/** After how many rounds a page that nobody touches stops asking: half an hour of the quickest. */
const ROUNDS_MAX = 600;

/**
 * Keeps a page as it is now, where its main part says every how many seconds (`data-live`). It fetches the page itself,
 * and changes only what differs, so that nothing jumps and whatever has the focus keeps it. What came, went or stayed is
 * told by what names an element: a row that comes on top moves the others and does not become them. What was higher keeps
 * its height, so that what is below it stays, until the window has another width. It asks while the page can
 * be seen, while nobody fills in a form, and while the answer is the page: a sign-in that has run out ends it. No frame,
 * no stream: a stream would occupy an instance, and be cut off at the platform's timeout.
 * Source: https://cloud.google.com/iap/docs/sessions-howto
 */
export const LIVE_SCRIPT = `"use strict";
(() => {
  const main = document.querySelector("main[data-live]");
  if (main === null) {
    return;
  }
  const every = Number(main.dataset.live) * 1000;
  let rounds = 0;
  // The room that is kept free while a page changes stays when it has changed for the last time.
  document.body.classList.add("live");

  function keepHeights() {
    for (const one of main.querySelectorAll("tbody tr, .news, .room")) {
      const { height } = one.getBoundingClientRect();
      one.style[getComputedStyle(one).display === "table-row" ? "height" : "minHeight"] = height + "px";
    }
  }

  addEventListener("resize", () => {
    for (const one of main.querySelectorAll("[style]")) {
      one.removeAttribute("style");
    }
  });

  function isBusy() {
    const at = document.activeElement;
    return document.hidden || at?.closest("form.act, form.filter") != null || String(getSelection()) !== "";
  }

  function nameOf(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) {
      return node.nodeName;
    }
    const { id, dataset: { key = "" }, nodeName, className } = node;
    const said = node.getAttribute("aria-label") ?? node.getAttribute("href") ?? "";
    const title = /^H[1-6]$/.test(nodeName) ? node.textContent : "";
    return [nodeName, id, key, typeof className === "string" ? className : "", said, title].join("\\n");
  }

  // How long the longest row of nodes is, from each place on, that two lists have in common.
  function shared(mine, theirs) {
    const lengths = Array.from({ length: mine.length + 1 }, () => new Uint16Array(theirs.length + 1));
    for (let i = mine.length - 1; i >= 0; i -= 1) {
      for (let j = theirs.length - 1; j >= 0; j -= 1) {
        lengths[i][j] = mine[i] === theirs[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
      }
    }
    return lengths;
  }

  function syncChildren(here, there) {
    const mine = [...here.childNodes];
    const theirs = [...there.childNodes];
    const [names, others] = [mine.map(nameOf), theirs.map(nameOf)];
    const lengths = shared(names, others);
    let [i, j] = [0, 0];
    while (i < mine.length || j < theirs.length) {
      if (i < mine.length && j < theirs.length && names[i] === others[j]) {
        sync(mine[i], theirs[j]);
        i += 1;
        j += 1;
      } else if (j === theirs.length || (i < mine.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
        mine[i].remove();
        i += 1;
      } else {
        here.insertBefore(theirs[j].cloneNode(true), mine[i] ?? null);
        j += 1;
      }
    }
  }

  function sync(here, there) {
    if (here.nodeType !== Node.ELEMENT_NODE) {
      if (here.nodeValue !== there.nodeValue) {
        here.nodeValue = there.nodeValue;
      }
      return;
    }
    for (const { name } of [...here.attributes]) {
      if (!there.hasAttribute(name) && name !== "style") {
        here.removeAttribute(name);
      }
    }
    for (const { name, value } of there.attributes) {
      if (here.getAttribute(name) !== value) {
        here.setAttribute(name, value);
      }
    }
    syncChildren(here, there);
  }

  async function round() {
    rounds += 1;
    try {
      const answer = await fetch(location.href, {
        headers: { "x-requested-with": "XMLHttpRequest" },
        redirect: "manual",
      });
      if (!answer.ok) {
        return answer.status >= 500;
      }
      const there = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (there !== null && !isBusy()) {
        keepHeights();
        sync(main, there);
      }
      return there?.dataset.live !== undefined;
    } catch {
      return true;
    }
  }

  function wait() {
    setTimeout(async () => {
      const goesOn = isBusy() || (await round());
      if (goesOn && rounds < ${ROUNDS_MAX}) {
        wait();
      }
    }, every);
  }

  wait();
})();
`;
