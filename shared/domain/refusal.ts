import type { GateReport } from "./gates/verdict.ts";

/** Why a request was not done. Each is an answer that its caller expects, not an error of ours. */
export type Refusal =
  | { readonly kind: "not-found"; readonly message: string }
  | {
      readonly kind: "gates-closed";
      readonly message: string;
      readonly gates: readonly GateReport[];
    }
  | { readonly kind: "forbidden"; readonly message: string }
  | { readonly kind: "conflict"; readonly message: string }
  | { readonly kind: "invalid"; readonly message: string };
