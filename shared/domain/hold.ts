import { holdId } from "./ids.ts";
import type { EnvironmentId, HoldId, ServiceId } from "./ids.ts";
import type { Actor } from "./release.ts";
import { shorten } from "./text.ts";
import { instant } from "./time.ts";
import type { Instant } from "./time.ts";

/** What a hold stops. */
export type HoldScope =
  | { readonly kind: "all" }
  | { readonly kind: "service"; readonly service: ServiceId }
  | {
      readonly kind: "environment";
      readonly service: ServiceId;
      readonly environment: EnvironmentId;
    };

/** A stop that somebody put on promotions. */
export type Hold = {
  readonly id: HoldId;
  readonly scope: HoldScope;
  readonly reason: string;
  readonly by: Actor;
  /** Whether it was placed as on-call: then only on-call, or somebody who may break the glass there, may lift it. */
  readonly asOncall: boolean;
  readonly createdAt: Instant;
  /** When it ends by itself; null: only when it is lifted. */
  readonly until: Instant | null;
};

const UNKNOWN_ID = holdId("hold-unknown");

/** How much of the reason why the holds on everything cannot be read is told. */
const REASON_LENGTH_MAX = 200;

/**
 * The hold that stands in for the holds on everything while nobody can read them, since what is not known is closed.
 * Like any hold it stops no rollback, and can be passed by breaking the glass.
 */
export function unknownHolds(reason: string): readonly Hold[] {
  const why = shorten(reason, REASON_LENGTH_MAX);
  const hold: Hold = {
    id: UNKNOWN_ID,
    scope: { kind: "all" },
    reason: `the holds on everything cannot be read, so everything counts as held; update Slipway, or repair the document control/slipway (${why})`,
    by: "slipway",
    asOncall: false,
    createdAt: instant(0),
    until: null,
  };
  return [hold];
}

/** Whether somebody placed the hold; the one that stands in for what cannot be read is nobody's to lift. */
export function isKnown({ id }: Hold): boolean {
  return id !== UNKNOWN_ID;
}

/** Whether the hold has ended by itself. */
export function isExpired(hold: Hold, now: Instant): boolean {
  return hold.until !== null && hold.until <= now;
}

/** The holds that may concern a service: those on everything, and its own. */
type HoldsKnown = { readonly globalHolds: readonly Hold[]; readonly holds: readonly Hold[] };

/** The holds in force on an environment, the widest first. */
export function holdsOn(
  known: HoldsKnown,
  environment: EnvironmentId,
  now: Instant,
): readonly Hold[] {
  return [...known.globalHolds, ...known.holds].filter(
    (hold) => !isExpired(hold, now) && covers(hold, environment),
  );
}

function covers(hold: Hold, environment: EnvironmentId): boolean {
  return hold.scope.kind !== "environment" || hold.scope.environment === environment;
}
