/** After how many rounds a page that nobody touches stops asking: half an hour of the quickest. */
const ROUNDS_MAX = 600;

/**
 * Keeps a page as it is now, where its main part says every how many seconds (`data-live`). It fetches the page itself,
 * and changes only what differs, so that nothing jumps and whatever has the focus keeps it. It asks while the page can
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

  function isBusy() {
    const at = document.activeElement;
    return document.hidden || at?.closest("form.act, form.filter") != null || String(getSelection()) !== "";
  }

  function sync(here, there) {
    if (here.nodeType !== there.nodeType || here.nodeName !== there.nodeName) {
      here.replaceWith(there.cloneNode(true));
      return;
    }
    if (here.nodeType !== Node.ELEMENT_NODE) {
      if (here.nodeValue !== there.nodeValue) {
        here.nodeValue = there.nodeValue;
      }
      return;
    }
    for (const { name } of [...here.attributes]) {
      if (!there.hasAttribute(name)) {
        here.removeAttribute(name);
      }
    }
    for (const { name, value } of there.attributes) {
      if (here.getAttribute(name) !== value) {
        here.setAttribute(name, value);
      }
    }
    const mine = [...here.childNodes];
    const theirs = [...there.childNodes];
    theirs.forEach((child, index) => {
      if (index < mine.length) {
        sync(mine[index], child);
      } else {
        here.append(child.cloneNode(true));
      }
    });
    mine.slice(theirs.length).forEach((child) => child.remove());
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
