import { html } from "hono/html";
import type { z } from "zod";
import type { Instant } from "../../../shared/domain/time.ts";
import type { ArrivalView } from "../../../shared/wire/api/arrival.ts";
import { NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { moment } from "./moments.ts";

/** When a promotion will probably be there, in a sentence; nothing of one that has ended. */
export function arrivalText(arrival: z.output<typeof ArrivalView> | null, now: Instant): Html {
  if (arrival === null) {
    return NOTHING;
  }
  const { deployTime, endTime, unknown } = arrival;
  if (endTime === null) {
    return html`<p class="quiet">
      When it will be there cannot be told: ${plain(unknown ?? "nobody knows")}.
    </p>`;
  }
  if (deployTime === null) {
    return html`<p>It is there, and will probably be done ${moment(endTime, now)}.</p>`;
  }
  const done = endTime === deployTime ? NOTHING : html`, and done ${moment(endTime, now)}`;
  return html`<p>It will probably be there ${moment(deployTime, now)}${done}.</p>`;
}
