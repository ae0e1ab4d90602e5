import domain from "node:domain";

/** Does what it is given, and no more. */
const NOTHING = {
  on: () => NOTHING,
  run: (act: () => void) => {
    act();
  },
  bind: <Act>(act: Act): Act => act,
  /** Node tells the domain, and nobody else, of a promise that failed and that nobody waits for: nobody heard it here. */
  emit: () => false,
};

/**
 * Has the functions framework run its requests without domains of Node's, which it asks for one each. As soon as there
 * is one, Node follows every promise, timer and event of the process: a fifth of all that the functions here computed.
 * A domain would answer with 500 what a function throws outside of its promise. Here that ends the process, which is
 * started again, and what was delivered comes again.
 * Source: https://nodejs.org/api/domain.html
 */
export function leaveOutDomains(): void {
  Object.assign(domain, { create: () => NOTHING });
  Object.assign(process, { domain: NOTHING });
}
