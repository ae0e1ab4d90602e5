import { z } from "zod";
import type { ChannelBook } from "../../domain/notices/book.ts";
import { exactly } from "../exactly.ts";
import { InstantValue, list } from "./words.ts";

/** What a channel was told of a chain. */
export const ChannelBookValue = exactly<ChannelBook>()(
  z.object({
    key: z.string(),
    chain: z.string(),
    channel: z.string(),
    told: z.number(),
    dropped: z.number(),
    wanted: z.number(),
    threads: list(z.object({ subject: z.string(), message: z.string() })),
    lease: z.object({ holder: z.string(), until: InstantValue }).nullable(),
    trouble: z
      .object({
        since: InstantValue,
        attempts: z.number(),
        notBefore: InstantValue,
        reason: z.string(),
      })
      .nullable(),
    off: z
      .object({ since: InstantValue, reason: z.string(), revision: z.string().nullable() })
      .nullable()
      .default(null),
  }),
);
