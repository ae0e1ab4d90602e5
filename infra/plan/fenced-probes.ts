import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { Place } from "../render/place.ts";
import { runtimeOf } from "../render/runtime.ts";
import { problemAt } from "../../shared/wire/spec/position.ts";

/**
 * Warnings of what a probe could not reach: services that check who calls, which Slipway's account must be let into, and
 * services that nobody outside can ask at Cloud Run's address, and that have no other: Slipway's
 * functions are in another project, whose requests the ingress turns away. `verify` would never be done.
 * Source: https://cloud.google.com/run/docs/securing/ingress
 */
export function fencedProblems(text: string, places: readonly Place[]): readonly Problem[] {
  const message =
    "probes Cloud Run's address, which takes only internal requests and those of the load balancer: set verify.url, a domain, or runtime.ingress: all";
  const warn = (concerned: readonly Place[], what: string): readonly Problem[] =>
    concerned.map(({ environment }) => {
      const path = ["delivery", "environments", environment.id, "verify"];
      return problemAt(text, { path, message: what }, "warning");
    });
  return [
    ...warn(places.filter(isOutOfReach), message),
    ...warn(places.filter(isPrivate), PRIVATE),
  ];
}

const PRIVATE =
  "probes a service that checks who calls: grant the account of Slipway's functions roles/run.invoker on it, or no probe can tell whether it is healthy";

function isPrivate({ environment, written }: Place): boolean {
  return environment.policy.verify !== null && written.authentication !== undefined;
}

function isOutOfReach(place: Place): boolean {
  const { verify } = place.environment.policy;
  const isOpen = runtimeOf(place)?.ingress === "all";
  return verify !== null && verify.url === null && place.environment.domain === null && !isOpen;
}
