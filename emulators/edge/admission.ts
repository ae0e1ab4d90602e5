import type { IncomingHttpHeaders } from "node:http";
import type { Access } from "../kit/access.ts";
import { standsFor } from "../kit/access/members.ts";
import { credentialHeader, type ReadShown, withoutSignature } from "./credentials.ts";
import { type Network, networkOf } from "../kit/network.ts";
import { forbidden, notFound, type Page, unauthorized } from "./page.ts";

/** From where a service takes requests. Source: https://cloud.google.com/run/docs/securing/ingress */
export type Ingress = "all" | "internal" | "internal-and-cloud-load-balancing";

/** What the front knows of a function or service that stands behind it. */
export type EdgeService = {
  /** `projects/P/locations/L/services/S` */
  readonly name: string;
  readonly ingress: Ingress;
  /** Whether callers need `run.routes.invoke`; not so with `invoker-iam-disabled`. */
  readonly isInvokerChecked: boolean;
  /** For whom a token may be: the service's URLs and its custom audiences. */
  readonly audiences: readonly string[];
  /** Members of a policy that is kept with the service, beside those whom the front's own access allows. */
  readonly invokers?: readonly string[];
};

/** What becomes of a request: it is let in, with what is handed on of its credentials, or answered with a page. */
export type Admission =
  | { readonly kind: "admitted"; readonly credentials: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly page: Page };

/** A request as the front sees it. */
export type Arrival = { readonly path: string; readonly headers: IncomingHttpHeaders };

/** Decides whether a request reaches a service. */
export type Admit = (service: EdgeService, arrival: Arrival) => Promise<Admission>;

/** The permission that every caller needs. Source: https://cloud.google.com/run/docs/reference/iam/permissions */
const INVOKE = "run.routes.invoke";

/**
 * Makes the front's decision: first whence the request comes, then who calls. Whom everybody may call is called by
 * anybody, and what such a caller sends as a token is handed on as it came.
 * Sources: https://cloud.google.com/run/docs/securing/ingress and https://cloud.google.com/run/docs/authenticating/overview
 */
export function admission(access: Access, readShown: ReadShown): Admit {
  return async (service, { path, headers }) => {
    if (!isLetIn(service, networkOf(headers))) {
      return { kind: "refused", page: notFound() };
    }
    const { name: resource, invokers = [] } = service;
    const may = (member: string | null): boolean =>
      access.allows({ member, permission: INVOKE, resource }) ||
      invokers.some((invoker) => standsFor(invoker, member, ALONE));
    if (!service.isInvokerChecked || may(null)) {
      return { kind: "admitted", credentials: {} };
    }
    const shown = await readShown(headers, service.audiences);
    switch (shown.kind) {
      case "nothing":
        return { kind: "refused", page: forbidden(path) };
      case "invalid":
        return { kind: "refused", page: unauthorized(path) };
      case "account":
        return may(toMember(shown.email))
          ? { kind: "admitted", credentials: stripped(headers) }
          : { kind: "refused", page: forbidden(path) };
    }
  };
}

/** A service's own policy names nobody by what others know of them. */
const ALONE = { isInGroup: () => false, hasBasicRole: () => false };

function isLetIn({ ingress, name }: EdgeService, network: Network): boolean {
  switch (network.kind) {
    case "internet":
      return ingress === "all";
    case "load-balancer":
      return ingress !== "internal";
    case "internal":
      return ingress === "all" || network.project === name.split("/")[1];
  }
}

function toMember(email: string): string {
  const kind = email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user";
  return `${kind}:${email}`;
}

function stripped(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const name = credentialHeader(headers);
  const value = headers[name];
  return { [name]: withoutSignature(typeof value === "string" ? value : "") };
}
