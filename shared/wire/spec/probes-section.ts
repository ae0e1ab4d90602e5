import { z } from "zod";
import { flag, old, text, whole } from "./fields.ts";

const TIMEOUT_SECONDS_DEFAULT = 3;
const LIVENESS_TIMEOUTS = 10;
const LIVENESS_INTERVAL_SECONDS_MAX = 3600;

/** How instances are probed, as it is written. */
type WrittenProbes = {
  readonly healthzProbes: boolean;
  readonly timeout?: number | undefined;
  readonly startupInterval?: number | undefined;
  readonly livenessInterval?: number | undefined;
};

/** How instances are probed: seconds, with upstream's defaults. */
type ProbesSpec = {
  readonly healthzProbes: boolean;
  readonly timeout: number;
  readonly startupInterval: number;
  readonly livenessInterval: number;
};

/** How the instances of a service are probed. */
export const HealthProbesSection = z
  .object({
    healthzProbes: flag("Whether /-/healthz is probed.").default(true),
    timeout: whole("Seconds until a probe fails; 3 when left out.").optional(),
    startupInterval: whole(
      "Seconds between probes of a starting instance; the timeout when left out.",
    ).optional(),
    livenessInterval: whole(
      "Seconds between probes of a running instance; ten timeouts when left out.",
      { max: LIVENESS_INTERVAL_SECONDS_MAX },
    ).optional(),
  })
  .meta({ title: "Health probes", description: "How the instances are probed." })
  .transform(completeProbes);

/** Fills in what was left out. */
export function completeProbes(probes: WrittenProbes): ProbesSpec {
  const timeout = probes.timeout ?? TIMEOUT_SECONDS_DEFAULT;
  return {
    healthzProbes: probes.healthzProbes,
    timeout,
    startupInterval: probes.startupInterval ?? timeout,
    livenessInterval: probes.livenessInterval ?? timeout * LIVENESS_TIMEOUTS,
  };
}

/** A probe as the generation before `healthProbes` wrote it. */
export const OldProbe = z.object({
  disabled: flag("Whether the probe is off.").optional(),
  timeout: whole("Seconds until the probe fails.").optional(),
  interval: whole("Seconds between probes.").optional(),
});

/** The name under which a service is reached. */
export const DomainSection = z
  .object({
    type: text("none or cloudflare.")
      .meta({ examples: ["none", "cloudflare"] })
      .default("none"),
    cloudflare: z
      .object({
        subdomain: text("The name below the zone.").default(""),
        zone: text("The zone, such as example.com.").default(""),
        proxied: flag("Whether Cloudflare's proxy stands in front.").default(true),
        required: old(
          flag("Whether requests must pass Cloudflare."),
          "it never had an effect; remove it",
        ),
      })
      .optional(),
    networking: z
      .object({
        loadBalancerLogging: flag("Whether the load balancer logs requests.").default(false),
      })
      .optional(),
  })
  .meta({
    title: "Domain",
    description:
      "The name under which the service is reached; upstream's Terraform makes what answers there.",
  });
