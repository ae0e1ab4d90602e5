import { z } from "zod";
import type { Arrival } from "../../domain/explain/arrival.ts";
import { PromotionView } from "./schemas.ts";
import { toTimeOrNull } from "./views.ts";

/** When an open promotion will probably be there. */
export const ArrivalView = z
  .object({
    deployTime: z.string().nullable().meta({
      description: "When the release will run there; null once it does, or when nobody knows",
    }),
    endTime: z
      .string()
      .nullable()
      .meta({ description: "When its last step will be done; null when nobody knows" }),
    unknown: z.string().nullable().meta({ description: "Why nobody knows; null when it is known" }),
  })
  .meta({ id: "Arrival" });

/** A promotion, and when it will probably be there. */
export const PromotionWithArrival = PromotionView.extend({
  expected: ArrivalView.nullable().meta({
    description: "By how long its steps usually take, and by when its gates open; null once ended",
  }),
}).meta({ id: "PromotionWithArrival" });

/** When a promotion will probably be there, as the API shows it. */
export function toArrivalView(arrival: Arrival | null): z.output<typeof ArrivalView> | null {
  if (arrival === null) {
    return null;
  }
  return arrival.kind === "unknown"
    ? { deployTime: null, endTime: null, unknown: arrival.reason }
    : {
        deployTime: toTimeOrNull(arrival.thereAt),
        endTime: toTimeOrNull(arrival.doneAt),
        unknown: null,
      };
}
