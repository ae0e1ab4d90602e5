import { isGooglesNotFound } from "./front-page.ts";
import type { ProbeAnswer } from "./probe-request.ts";

/** What one request says of the service. */
export type ProbeVerdict = {
  readonly isOk: boolean;
  /** Whether it says nothing of the service: whoever asked was not let in, or did not get there. */
  readonly isBlocked: boolean;
  readonly body: string;
  /** What happened, and what to do where it was not the service. */
  readonly detail: string;
};

const NOT_LET_IN =
  "Slipway was not let in: grant the account of its functions roles/run.invoker on the service, or look at DIAGNOSTICS_SECRET";
const STOPPED_BY_PROXY =
  "this is Identity-Aware Proxy's answer, not the service's: set verify.url to an address without it";
const TURNED_AWAY =
  "this is Google's answer, not the service's: its ingress turns Slipway away, or the name leads to no service; set verify.url to an address that is open";
const PERHAPS_TURNED_AWAY =
  "only internal requests reach this address, so it may be Google's answer: set verify.url or a domain";
const BUSY = "there were too many requests";
const NOT_REACHED = "the service was not reached: look at its name, certificate and network";

/**
 * Judges an answer. Only what the service itself does counts: what its front, the network or a missing right does is no
 * fault of the release.
 */
export function verdictOn(url: string, answer: ProbeAnswer, isFenced: boolean): ProbeVerdict {
  switch (answer.kind) {
    case "unreached":
      return blocked(`${url}: ${answer.reason}`, NOT_REACHED);
    case "silent":
      return { isOk: false, isBlocked: false, body: "", detail: `${url}: ${answer.reason}` };
    case "answered": {
      const detail = `${url} answered ${answer.status}`;
      const why = blockedBy(answer, isFenced);
      const isOk = answer.status >= 200 && answer.status < 300;
      return why === null
        ? { isOk, isBlocked: false, body: answer.body, detail }
        : blocked(detail, why);
    }
  }
}

function blocked(what: string, why: string): ProbeVerdict {
  return { isOk: false, isBlocked: true, body: "", detail: `${what} (${why})` };
}

function blockedBy(
  answer: Extract<ProbeAnswer, { kind: "answered" }>,
  isFenced: boolean,
): string | null {
  if (answer.isOfProxy) {
    return STOPPED_BY_PROXY;
  }
  switch (answer.status) {
    case 401:
    case 403:
      return NOT_LET_IN;
    case 404:
      if (isGooglesNotFound(answer)) {
        return TURNED_AWAY;
      }
      return isFenced ? PERHAPS_TURNED_AWAY : null;
    case 429:
      return BUSY;
    default:
      return null;
  }
}
