import { refuseStale } from "../shared/app/stale-tick.ts";
import { onTick } from "../shared/app/tick.ts";
import { parseTick } from "../shared/wire/tick.ts";
import type { Tick } from "../shared/wire/tick.ts";
import type { MessageFunction } from "./message-function.ts";

/** Cloud Scheduler's minute, hour and day, through the topic `slipway-ticks`. */
export const onTickFunction: MessageFunction<Tick> = {
  name: "on-tick",
  isNoted: false,
  parse: parseTick,
  run: async (ports, tick) => refuseStale(ports, tick) ?? onTick(ports, tick.kind),
};
