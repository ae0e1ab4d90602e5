import { failure, warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** How long a step may take before a person should look. */
export const STEP_MS_MAX = 60 * 60_000;

/** What is looked at of a service. */
export type SeenService = {
  readonly id: string;
  /** Why its document cannot be read; null when it can. */
  readonly unreadable: string | null;
  readonly environments: readonly {
    readonly id: string;
    readonly promotion: {
      readonly id: string;
      readonly state: string;
      readonly steps: readonly {
        readonly name: string;
        readonly state: string;
        readonly startTime: string | null;
      }[];
    } | null;
  }[];
};

/** Services that cannot be read, and steps that have run for too long. */
export function stuckFindings(services: readonly SeenService[], now: number): readonly Finding[] {
  const found = services.flatMap((service) => [...unreadable(service), ...stuck(service, now)]);
  return found.length === 0
    ? [well("stuck work", `nothing is stuck in ${services.length} services`)]
    : found;
}

function unreadable({ id, unreadable: reason }: SeenService): readonly Finding[] {
  return reason === null
    ? []
    : [failure("stuck work", `service ${id} cannot be read: ${reason}`, `slipway status ${id}`)];
}

function stuck({ id, environments }: SeenService, now: number): readonly Finding[] {
  return environments.flatMap(({ id: environment, promotion }) => {
    const running = promotion?.steps.find(({ state }) => state === "RUNNING");
    const since = Date.parse(running?.startTime ?? "");
    return promotion === null || running === undefined || !(now - since > STEP_MS_MAX)
      ? []
      : [
          warning(
            "stuck work",
            `step ${running.name} of ${id} in ${environment} has run for ${Math.floor((now - since) / 60_000)} min`,
            `slipway promotion ${promotion.id}`,
          ),
        ];
  });
}
