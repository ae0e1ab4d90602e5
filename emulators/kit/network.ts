import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/**
 * Whence a request comes: from anywhere, through a load balancer of Google's, or from within, which is the project's
 * own networks and Google's services of the same project.
 */
export type Network =
  | { readonly kind: "internet" }
  | { readonly kind: "load-balancer" }
  | { readonly kind: "internal"; readonly project: string };

/**
 * Google's own network is seen by where a packet comes from; on one machine all come from the same address. So what
 * stands in for Google's services writes it down in a header that no client may send, sealed by a word that is new
 * with each process.
 */
const HEADER = "x-google-emulator-network";
const HOST_HEADER = "x-google-emulator-host";
const SEAL = randomUUID();

/** The header of a request from within a project, such as a push of its Pub/Sub. */
export function fromWithin(project: string): Readonly<Record<string, string>> {
  return { [HEADER]: `${SEAL} ${project}` };
}

/** The header of a request that a load balancer hands on. */
export function fromLoadBalancer(): Readonly<Record<string, string>> {
  return { [HEADER]: SEAL };
}

/** The header of a request to an address of the world that leads to this machine: it says which. */
export function addressedTo(address: string): Readonly<Record<string, string>> {
  return { [HOST_HEADER]: `${SEAL} ${new URL(address).host}` };
}

/** The host of the world that a request was addressed to; null where it was this machine. */
export function hostOf(headers: IncomingHttpHeaders): string | null {
  const [seal, host = ""] = String(headers[HOST_HEADER] ?? "").split(" ");
  return seal === SEAL && host !== "" ? host : null;
}

/** Whence a request comes, by its headers. */
export function networkOf(headers: IncomingHttpHeaders): Network {
  const [seal, project] = String(headers[HEADER] ?? "").split(" ");
  if (seal !== SEAL) {
    return { kind: "internet" };
  }
  return project === undefined ? { kind: "load-balancer" } : { kind: "internal", project };
}
