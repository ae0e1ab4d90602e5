import { z } from "zod";
import { accepted } from "../domain/result.ts";
import { parseJson } from "./envelope.ts";
import type { Message } from "./envelope.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";

/** The data of our own Cloud Scheduler jobs' messages. */
const Tick = z.object({ kind: z.enum(["minute", "hour", "day"]) });

/** Which hand of the clock moved. */
export type Tick = z.infer<typeof Tick>;

/** Reads a tick. */
export function parseTick(message: Message): Parsed<Tick> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const parsed = Tick.safeParse(json.value);
  return parsed.success ? accepted(parsed.data) : unreadable(parsed.error);
}
