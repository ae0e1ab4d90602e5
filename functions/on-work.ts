import { onWork } from "../shared/app/work.ts";
import type { WakeUp } from "../shared/domain/wake-up.ts";
import { parseWakeUp } from "../shared/wire/wake-up.ts";
import type { MessageFunction } from "./message-function.ts";

/** The topic `slipway-work`: somebody decided, and what was decided is to be done. */
export const onWorkFunction: MessageFunction<WakeUp> = {
  name: "on-work",
  isNoted: false,
  parse: parseWakeUp,
  run: onWork,
};
