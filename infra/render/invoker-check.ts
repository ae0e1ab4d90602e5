import type { Place } from "./place.ts";
import { runtimeOf } from "./runtime.ts";

/**
 * Whether Cloud Run looks who calls the service: `runtime.invokerCheck` says so, or else whether there is
 * `authentication`.
 * Source: https://cloud.google.com/run/docs/securing/managing-access#invoker_check
 */
export function isInvokerChecked(place: Place): boolean {
  const byConvention = place.written.authentication === undefined ? "disabled" : "enabled";
  return (runtimeOf(place)?.invokerCheck ?? byConvention) === "enabled";
}
