import { z } from "zod";
import type { PlacedEntry } from "../../domain/timeline.ts";
import { TimelineView } from "./schemas.ts";
import { toTimelineView } from "./views.ts";

const PlacedTimelineView = TimelineView.extend({ service: z.string() }).meta({
  id: "PlacedTimelineEntry",
});

/** A page of what was deployed anywhere, newest first. */
export const PlacedTimelineList = z.object({
  entries: z.array(PlacedTimelineView),
  nextPageToken: z.string().meta({ description: "Empty on the last page" }),
});

/** An entry among those of all services, as the API shows it. */
export function toPlacedTimelineView(entry: PlacedEntry): z.output<typeof PlacedTimelineView> {
  return { service: entry.service, ...toTimelineView(entry) };
}
