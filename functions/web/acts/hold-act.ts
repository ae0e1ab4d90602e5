import { html } from "hono/html";
import { HoldBody } from "../../../shared/wire/api/bodies.ts";
import type { RequestContext } from "../../requests/context.ts";
import { blockedBy, placeAsked } from "../../requests/holds.ts";
import { toBody } from "../form.ts";
import type { Form } from "../form.ts";
import { promotionTable } from "../parts/promotions.ts";
import type { Act } from "./act.ts";
import { REASON } from "./field.ts";
import { HOLD_UNTIL, untilOf } from "./hold-until.ts";

type HoldAct = Pick<Act, "title" | "trail" | "intro"> & {
  /** What is held; everything where nothing is named. */
  readonly where: { readonly service?: string; readonly environment?: string };
};

/** Placing a hold: it shows first which promotions it would stop. */
export function holdAct(context: RequestContext, { where, ...about }: HoldAct): Act {
  const { ports } = context.get("wiring");
  const read = (form: Form): HoldBody =>
    toBody(HoldBody, {
      ...where,
      reason: form["reason"],
      until: untilOf(form, ports.clock.now()),
    });
  return {
    ...about,
    fields: [REASON, HOLD_UNTIL],
    verb: "Hold",
    preview: async (form) => {
      const blocked = await blockedBy(context, read(form));
      const body =
        blocked.length === 0
          ? html`<p>It would stop no promotion that is open now.</p>`
          : html`<p>It would stop these promotions:</p>
              ${promotionTable(blocked, ports.clock.now())}`;
      return { body, canGoOn: true };
    },
    perform: async (form) => {
      await placeAsked(context, read(form));
      return "/holds";
    },
  };
}
