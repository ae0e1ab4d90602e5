import type { GateName } from "./gates/verdict.ts";

/** Something that a person can do next, whatever they work with: each surface writes it as it is done there. */
export type NextStep =
  | { readonly kind: "list-services" | "list-promotions" | "list-holds" }
  | { readonly kind: "list-releases"; readonly service: string }
  | ({ readonly kind: "list-backups" | "changes" } & There)
  | { readonly kind: "lift"; readonly hold: string }
  | {
      readonly kind: "approve" | "cancel" | "retry" | "look" | "follow";
      readonly promotion: string;
    }
  | { readonly kind: "unmark"; readonly service: string; readonly release: string }
  | ({ readonly kind: "explain" | "promote" | "roll-back-with-data" } & ReleaseThere)
  | ({ readonly kind: "break-glass"; readonly gates: readonly GateName[] } & ReleaseThere)
  /** A command of another program. */
  | { readonly kind: "outside"; readonly command: string };

type There = { readonly service: string; readonly environment: string };

/** A release in an environment of a service. */
export type ReleaseThere = There & { readonly release: string };

/** What helps whoever was refused: in words, such as `list them`, and as the step that these words are about. */
export type Help = { readonly how: string; readonly step: NextStep };
