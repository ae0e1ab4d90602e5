import { z } from "zod";

/** A channel that has taken no notices for a day, or wants none. */
export const ChannelView = z
  .object({
    channel: z.string(),
    since: z.string().meta({ format: "date-time", description: "RFC 3339, UTC" }),
    reason: z.string().meta({ description: "What it said last, and what mends it" }),
  })
  .meta({ id: "Channel" });
