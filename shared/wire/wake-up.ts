import { z } from "zod";
import { accepted } from "../domain/result.ts";
import { environmentId, serviceId } from "../domain/ids.ts";
import type { WakeUp } from "../domain/wake-up.ts";
import { parseJson } from "./envelope.ts";
import type { Message } from "./envelope.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";

/** The data of the messages by which those who decide wake those who act. */
const WakeUpMessage = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("service"),
    service: z.string().regex(/^[a-z0-9-]{1,20}$/),
    look: z.string().min(1).max(63).nullable(),
  }),
  z.object({ kind: z.literal("all") }),
]);

/** Reads a wake-up. */
export function parseWakeUp(message: Message): Parsed<WakeUp> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const parsed = WakeUpMessage.safeParse(json.value);
  if (!parsed.success) {
    return unreadable(parsed.error);
  }
  const read = parsed.data;
  return accepted(
    read.kind === "all"
      ? read
      : {
          kind: read.kind,
          service: serviceId(read.service),
          look: read.look === null ? null : environmentId(read.look),
        },
  );
}

/** A wake-up as its message carries it. */
export function toWakeUpText(wakeUp: WakeUp): string {
  return JSON.stringify(wakeUp);
}
