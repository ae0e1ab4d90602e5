import type { WindowPolicy, WindowReading } from "../domain/policy.ts";
import type { Instant } from "../domain/time.ts";

/** Reads calendars with their time zones. Pure: the same policy and moment give the same reading. */
export type Calendar = {
  /**
   * Whether promotions may start at that moment. A closed reading names the next opening (null: none
   * within two years), daylight-saving changes taken into account: `from` and `to` are wall-clock times.
   */
  readonly read: (policy: WindowPolicy, now: Instant) => WindowReading;
};
