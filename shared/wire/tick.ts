import { z } from "zod";
import { accepted } from "../domain/result.ts";
import { instant } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";
import { parseJson } from "./envelope.ts";
import type { Message } from "./envelope.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";

/** The data of our own Cloud Scheduler jobs' messages. */
const Tick = z.object({ kind: z.enum(["minute", "hour", "day"]) });

/** Which hand of the clock moved, and when. */
export type Tick = z.infer<typeof Tick> & {
  /** When the tick was published; null when the message does not say, or not so that it can be read. */
  readonly at: Instant | null;
};

/** Reads a tick. */
export function parseTick(message: Message): Parsed<Tick> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const parsed = Tick.safeParse(json.value);
  return parsed.success
    ? accepted({ ...parsed.data, at: timeOf(message) })
    : unreadable(parsed.error);
}

function timeOf({ publishTime }: Message): Instant | null {
  const ms = Date.parse(publishTime ?? "");
  return Number.isNaN(ms) ? null : instant(ms);
}
