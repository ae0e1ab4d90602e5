import type { Telemetry } from "../ports/telemetry.ts";

/** Tells nobody of anything. */
export const NO_TELEMETRY: Telemetry = {
  invocation: async (_, work) => work(),
  attempt: async (_, work) => work(),
  notice: async (_, work) => work(),
  came: () => undefined,
  stands: () => undefined,
};
