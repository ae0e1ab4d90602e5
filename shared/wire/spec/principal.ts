import type { Principal } from "../../domain/policy.ts";
import { normalAddress, normalPrincipal } from "../../domain/principal.ts";
import { show } from "./explain-issue.ts";
import { didYouMean } from "./nearest.ts";

const KINDS = ["user", "group", "serviceAccount", "domain"] as const;
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

/** The principal that a text names, as principals are compared; null when it names none. */
export function parsePrincipal(value: string): Principal | null {
  const text = value.trim();
  const kind = KINDS.find((candidate) => text.startsWith(`${candidate}:`));
  return kind === undefined ? null : normalPrincipal(`${kind}:${text.slice(kind.length + 1)}`);
}

/** What is wrong with a principal such as `group:sre@example.com`, or null. */
export function complainAboutPrincipal(value: string): string | null {
  if (value === "allUsers" || value === "allAuthenticatedUsers") {
    return `${value} would let anybody in: name users, groups, service accounts or a domain`;
  }
  const colon = value.indexOf(":");
  const kind = KINDS.find((candidate) => candidate === value.slice(0, Math.max(0, colon)));
  if (kind === undefined) {
    const hint = colon > 0 ? didYouMean(value.slice(0, colon), KINDS) : "";
    return `must start with user:, group:, serviceAccount: or domain:, not ${show(value)}${hint}`;
  }
  const address = value.slice(colon + 1);
  if (kind === "domain") {
    return complainAboutDomain(address.trim().toLowerCase());
  }
  return normalAddress(address) === null
    ? `must name an address such as ${kind}:name@example.com`
    : null;
}

/** Domains in which anybody may have an address. */
const OPEN_DOMAINS: ReadonlySet<string> = new Set(["gmail.com", "googlemail.com"]);

function complainAboutDomain(domain: string): string | null {
  if (OPEN_DOMAINS.has(domain)) {
    return `would let anybody in, because anybody may have an address of ${domain}: name users or groups`;
  }
  return DOMAIN.test(domain) ? null : `must name a domain such as domain:example.com`;
}
