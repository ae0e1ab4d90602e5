import { z } from "zod";
import type { NotifyRule } from "../../domain/notices/channel.ts";
import { NOTICE_KINDS } from "../../domain/notices/notice.ts";
import { exactly } from "../exactly.ts";
import { list } from "./words.ts";

/** Which notices go to a channel, as a service's document and the installation's variables have it. */
export const NotifyRuleValue = exactly<NotifyRule>()(
  z.object({
    channel: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("slack"), name: z.string() }),
      z.object({ kind: z.literal("webhook"), url: z.string(), secret: z.string() }),
      z.object({ kind: z.literal("mail"), to: list(z.string()) }),
      z.object({ kind: z.literal("github") }),
    ]),
    on: list(z.enum(NOTICE_KINDS)),
    environments: list(z.string()),
    categories: list(z.enum(["test", "internal", "external"])),
  }),
);
