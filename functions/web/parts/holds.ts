import { html } from "hono/html";
import type { HeldBy } from "../../../shared/app/holds.ts";
import { isExpired, isKnown } from "../../../shared/domain/hold.ts";
import type { Hold, HoldScope } from "../../../shared/domain/hold.ts";
import type { ServiceState } from "../../../shared/domain/state.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import type { RequestContext } from "../../requests/context.ts";
import { mayDo, needTo } from "../../requests/needs.ts";
import { NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { stamp } from "./moments.ts";
import { table } from "./table.ts";

/** A hold, and whether the visitor may lift it. */
export type ShownHold = { readonly hold: Hold; readonly canLift: boolean };

/** Holds as the visitor is shown them. */
export async function shownHolds(
  context: RequestContext,
  holds: readonly HeldBy[],
): Promise<readonly ShownHold[]> {
  return Promise.all(
    holds.map(async (held) => ({
      hold: held.hold,
      canLift: isKnown(held.hold) && (await mayDo(context, needTo.lift(held))),
    })),
  );
}

/** The holds that concern a service, each with whose it is: a hold on everything is of none. */
export function holdsOf({ service, holds, globalHolds }: ServiceState): readonly HeldBy[] {
  return [
    ...globalHolds.map((hold) => ({ hold, service: null })),
    ...holds.map((hold) => ({ hold, service })),
  ];
}

/** Holds in force: what each holds, by whom, why, and until when. */
export function holdTable(holds: readonly ShownHold[], now: Instant): Html {
  const inForce = holds.filter(({ hold }) => !isExpired(hold, now));
  return table({
    caption: "Holds in force",
    empty: "Nothing is held.",
    headings: ["Holds", "By", "Reason", "Since", "Until", "Actions"],
    keys: inForce.map(({ hold }) => hold.id),
    rows: inForce.map(({ hold, canLift }) => [
      scopeLink(hold.scope),
      plain(hold.by),
      plain(hold.reason),
      stamp(hold.createdAt, now),
      hold.until === null ? html`it is lifted` : stamp(hold.until, now),
      canLift
        ? html`<a href="/holds/${hold.id}/lift"
            >Lift<span class="unseen"> the hold of ${plain(hold.by)}</span></a
          >`
        : NOTHING,
    ]),
  });
}

function scopeLink(scope: HoldScope): Html {
  const told = plain(scopeText(scope));
  switch (scope.kind) {
    case "all":
      return told;
    case "service":
      return html`<a href="/services/${scope.service}">${told}</a>`;
    case "environment":
      return html`<a href="/services/${scope.service}/environments/${scope.environment}"
        >${told}</a
      >`;
  }
}

/** What a hold holds. */
export function scopeText(scope: HoldScope): string {
  switch (scope.kind) {
    case "all":
      return "everything";
    case "service":
      return scope.service;
    case "environment":
      return `${scope.service}/${scope.environment}`;
  }
}
