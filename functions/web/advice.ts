import { html } from "hono/html";
import type { Advice } from "../../shared/domain/explain/gate.ts";
import { entryOf } from "../../shared/domain/entry-of.ts";
import type { NextStep, ReleaseThere } from "../../shared/domain/next-step.ts";
import { environmentNamed } from "../requests/context.ts";
import type { RequestContext } from "../requests/context.ts";
import { mayDo, needTo, needToEnter } from "../requests/needs.ts";
import type { Place } from "../requests/needs.ts";
import type { Target } from "../requests/promote.ts";
import { stepText } from "./parts/help.ts";
import { holdsOf, shownHolds } from "./parts/holds.ts";
import { NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";

/** What would help in an environment: a link for what the visitor may do, its name for what others may. */
export async function adviceText(
  context: RequestContext,
  target: Target,
  advice: readonly Advice[],
): Promise<Html> {
  const items = await Promise.all(
    advice.map(async ({ step, does }) => {
      const canTake = await mayTake(context, target, step);
      return html`<li>${stepText(step, canTake)}: ${plain(does)}</li>`;
    }),
  );
  return items.length === 0
    ? NOTHING
    : html`<p>What would help:</p>
        <ul>
          ${items}
        </ul>`;
}

async function mayTake(
  context: RequestContext,
  { seen: { state }, environment }: Target,
  step: NextStep,
): Promise<boolean> {
  const { service } = state;
  const place: Place = { service, environment };
  const placeOf = (there: ReleaseThere): Place => ({
    service,
    environment: environmentNamed(service, there.environment),
  });
  switch (step.kind) {
    case "lift": {
      const holds = await shownHolds(context, holdsOf(state));
      return holds.some(({ hold, canLift }) => hold.id === step.hold && canLift);
    }
    case "unmark": {
      const release = entryOf(state.releases, step.release);
      return (
        release !== undefined && (await mayDo(context, needTo.unmark(service, release.image.bad)))
      );
    }
    case "approve":
    case "cancel":
    case "retry":
      return mayDo(context, needTo[step.kind](place));
    case "promote":
      return mayDo(context, await needToEnter(context, placeOf(step)));
    case "break-glass":
      return mayDo(context, needTo.breakGlass(placeOf(step)));
    case "roll-back-with-data":
      return mayDo(context, needTo.rollBack(placeOf(step)));
    case "list-services":
    case "list-promotions":
    case "list-holds":
    case "list-releases":
    case "list-backups":
    case "changes":
    case "explain":
    case "look":
    case "follow":
    case "outside":
      return true;
  }
}
