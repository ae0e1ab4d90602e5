import type { GateReport } from "./gates/verdict.ts";
import type { Help } from "./next-step.ts";

/**
 * Why a request was not done. Each is an answer that its caller expects, not an error of ours. What helps is apart from
 * the message: each surface says it in its own way.
 */
export type Refusal =
  | { readonly kind: "not-found"; readonly message: string; readonly help?: Help }
  | {
      readonly kind: "gates-closed";
      readonly message: string;
      readonly gates: readonly GateReport[];
    }
  | { readonly kind: "forbidden"; readonly message: string }
  | { readonly kind: "conflict"; readonly message: string; readonly help?: Help }
  | { readonly kind: "invalid"; readonly message: string };

/** The refusal for a release that a service does not have. */
export function noRelease(service: string, release: string): Refusal {
  const help = { how: "list them", step: { kind: "list-releases" as const, service } };
  return { kind: "not-found", message: `service ${service} has no release ${release}`, help };
}
