import type { Principal } from "./policy.ts";
import type { Actor } from "./release.ts";

/** An address as people and machines have it. Only ASCII: letters that merely look alike make no second person. */
const ADDRESS = /^[!-9;-?A-~]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

/** The longest address that mail knows. Source: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3 */
const ADDRESS_LENGTH_MAX = 254;

/**
 * An address in the form in which addresses are compared: without spaces around it, and in lower case. Google's
 * consumer addresses are treated as Google does: googlemail.com is gmail.com, and dots in the name do not count. What
 * follows a plus is kept, because a separate account may have such an address. Null when the text is no address.
 * Sources: https://github.com/hashicorp/terraform-provider-google/issues/13131 (IAM turns one domain into the
 * other), https://support.google.com/mail/answer/7436150 (dots)
 */
export function normalAddress(text: string): string | null {
  const address = text.trim();
  if (address.length > ADDRESS_LENGTH_MAX || !ADDRESS.test(address)) {
    return null;
  }
  const [name = "", domain = ""] = address.toLowerCase().split("@");
  return domain === "gmail.com" || domain === "googlemail.com"
    ? `${name.replaceAll(".", "")}@gmail.com`
    : `${name}@${domain}`;
}

/**
 * A principal in the form in which principals are compared. The address alone says whether it is a person's or a
 * service account's, whatever kind was written before it. Null when the principal names nobody.
 */
export function normalPrincipal(principal: Principal): Principal | null {
  const [kind, name] = partsOf(principal);
  if (kind === "domain") {
    const domain = name.trim().toLowerCase();
    return DOMAIN.test(domain) ? `domain:${domain}` : null;
  }
  const address = normalAddress(name);
  if (address === null) {
    return null;
  }
  return kind === "group" ? `group:${address}` : toPrincipal(address);
}

/** The person or service account of an address. */
export function toPrincipal(address: string): `${"user" | "serviceAccount"}:${string}` {
  return `${isMachine(address) ? "serviceAccount" : "user"}:${address}`;
}

/** Whether an address is a service account's. Source: https://cloud.google.com/iam/docs/service-account-types */
export function isMachine(address: string): boolean {
  return /\.gserviceaccount\.com$/i.test(address);
}

/**
 * The mailbox behind an actor or address, to see that two addresses may be one person's. Only ever use it to refuse
 * somebody, because it also drops what follows a plus. An actor without an address, such as `slipway`, is itself.
 */
export function personOf(actor: Actor): string {
  const address = normalAddress(actor.slice(actor.indexOf(":") + 1));
  return address === null ? actor.toLowerCase() : address.replace(/\+[^@]*/, "");
}

/** A principal's kind and what it names. */
function partsOf(principal: Principal): readonly [Kind, string] {
  for (const kind of KINDS) {
    if (principal.startsWith(`${kind}:`)) {
      return [kind, principal.slice(kind.length + 1)];
    }
  }
  return ["user", ""];
}

type Kind = "user" | "group" | "serviceAccount" | "domain";

const KINDS: readonly Kind[] = ["user", "group", "serviceAccount", "domain"];
