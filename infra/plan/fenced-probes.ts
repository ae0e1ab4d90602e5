import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { Place } from "../render/place.ts";
import { runtimeOf } from "../render/runtime.ts";
import { problemAt } from "../../shared/wire/spec/position.ts";

/**
 * Warnings of what a probe could not reach: services that nobody outside can ask at Cloud Run's address, and that have
 * no other. Slipway's functions are in another project, whose requests the ingress turns away, so `verify` would never
 * be done.
 * Source: https://cloud.google.com/run/docs/securing/ingress
 */
export function fencedProblems(text: string, places: readonly Place[]): readonly Problem[] {
  const message =
    "probes Cloud Run's address, which takes only internal requests and those of the load balancer: set verify.url, a domain, or runtime.ingress: all";
  return places.filter(isOutOfReach).map(({ environment }) => {
    const path = ["delivery", "environments", environment.id, "verify"];
    return problemAt(text, { path, message }, "warning");
  });
}

function isOutOfReach(place: Place): boolean {
  const { verify } = place.environment.policy;
  const isOpen = runtimeOf(place)?.ingress === "all";
  return verify !== null && verify.url === null && place.environment.domain === null && !isOpen;
}
