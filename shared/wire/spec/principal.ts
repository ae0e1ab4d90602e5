import type { Principal } from "../../domain/policy.ts";
import { show } from "./explain-issue.ts";
import { didYouMean } from "./nearest.ts";

const KINDS = ["user", "group", "serviceAccount", "domain"] as const;
const EMAIL = /^[^\s@:]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

/** The principal that a text names, in lower case but for its kind; null when it names none. */
export function parsePrincipal(value: string): Principal | null {
  const kind = KINDS.find((candidate) => value.startsWith(`${candidate}:`));
  return kind === undefined ? null : `${kind}:${value.slice(kind.length + 1).toLowerCase()}`;
}

/** What is wrong with a principal such as `group:sre@example.com`, or null. */
export function complainAboutPrincipal(value: string): string | null {
  if (value === "allUsers" || value === "allAuthenticatedUsers") {
    return `${value} would let anybody: name users, groups, service accounts or a domain`;
  }
  const colon = value.indexOf(":");
  const kind = KINDS.find((candidate) => candidate === value.slice(0, Math.max(0, colon)));
  if (kind === undefined) {
    const hint = colon > 0 ? didYouMean(value.slice(0, colon), KINDS) : "";
    return `must start with user:, group:, serviceAccount: or domain:, not ${show(value)}${hint}`;
  }
  const address = value.slice(colon + 1);
  if (kind === "domain") {
    return DOMAIN.test(address) ? null : `must name a domain such as domain:example.com`;
  }
  return EMAIL.test(address) ? null : `must name an address such as ${kind}:name@example.com`;
}
