import type { AUDIT_DETAILS } from "./audit-details.ts";
import type { GateReport } from "./gates/verdict.ts";
import type { EnvironmentId, PromotionId, ReleaseId } from "./ids.ts";
import type { Actor } from "./release.ts";
import type { Instant } from "./time.ts";

/** A kind of fact that the record knows. */
export type FactKind = keyof typeof AUDIT_DETAILS;

/** One fact: who or what did what, to what, why, and with every gate's verdict. */
export type Fact = {
  readonly kind: FactKind;
  readonly by: Actor;
  readonly environment: EnvironmentId | null;
  readonly release: ReleaseId | null;
  readonly promotion: PromotionId | null;
  readonly reason: string | null;
  readonly verdicts: readonly GateReport[];
  /** What else a reader needs, by name; `docs/guides/audit-feed.md` lists the names for each kind. */
  readonly details: Readonly<Record<string, string>>;
};

/** A fact at its place in a chain. */
export type AuditRecord = Fact & {
  /** `<chain>-<sequence>`. */
  readonly id: string;
  /** The service's id, or `_slipway` for a fact that concerns no single service. */
  readonly chain: string;
  /** From 1, without a gap. */
  readonly sequence: number;
  readonly time: Instant;
  /** The hash of the record before; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 of this record's canonical JSON without `hash`, in hex. */
  readonly hash: string;
};

/** Where a chain ends now. */
export type AuditHead = { readonly sequence: number; readonly hash: string };

/** The end of a chain that has no record yet. */
export const EMPTY_CHAIN: AuditHead = { sequence: 0, hash: "0".repeat(64) };

/** The chain of the facts that concern no single service. No service can have this name. */
export const SYSTEM_CHAIN = "_slipway";

/** A fact in which every field that is not given is empty. */
export function fact(
  kind: FactKind,
  by: Actor,
  about: Partial<Omit<Fact, "kind" | "by">> = {},
): Fact {
  return {
    kind,
    by,
    environment: null,
    release: null,
    promotion: null,
    reason: null,
    verdicts: [],
    details: {},
    ...about,
  };
}
