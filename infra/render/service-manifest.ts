import { toContainer } from "./container.ts";
import { labelsOf } from "./place.ts";
import type { EnvironmentSpec, Place } from "./place.ts";
import { toSecretParts } from "./secrets.ts";

/*
 * What the Managed Services Platform gives a service that does not say otherwise.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform/stacks/cloudrun)
 */
const PORT = 9992;
const REQUEST_TIMEOUT_SECONDS = 300;
const CONCURRENCY_DEFAULT = 1000;
const INSTANCES_MAX_DEFAULT = 5;
const HEALTH_PATH = "/-/healthz";
const PROBE_FAILURES_MAX = 3;

/**
 * The Cloud Run service of one environment, as Cloud Deploy renders and deploys it.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1
 */
export function toServiceManifest(place: Place): object {
  const { spec, written, environment } = place;
  const secrets = toSecretParts(written);
  const labels = labelsOf(place);
  const { scaling } = written.instances;
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name: environment.runService, labels, annotations: toAccess(written) },
    spec: {
      template: {
        metadata: { labels, annotations: toRevisionAnnotations(written, secrets.aliases) },
        spec: {
          containerConcurrency: scaling?.maxRequestConcurrency ?? CONCURRENCY_DEFAULT,
          timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
          containers: [
            {
              ...toContainer(place, secrets),
              ports: [
                { name: spec.service.protocol === "h2c" ? "h2c" : "http1", containerPort: PORT },
              ],
              ...toProbes(written),
            },
          ],
          ...(secrets.volumes.length > 0 && { volumes: secrets.volumes }),
        },
      },
    },
  };
}

/**
 * Who may call the service. Requests come through the load balancer or from inside, whether it has a domain or
 * not; without `authentication` whoever gets that far may call it.
 * Source: https://cloud.google.com/run/docs/securing/ingress and
 * https://cloud.google.com/run/docs/securing/managing-access#invoker_check
 */
function toAccess({ authentication }: EnvironmentSpec): Readonly<Record<string, string>> {
  return {
    "run.googleapis.com/ingress": "internal-and-cloud-load-balancing",
    ...(authentication === undefined && { "run.googleapis.com/invoker-iam-disabled": "true" }),
  };
}

function toRevisionAnnotations(
  { instances }: EnvironmentSpec,
  aliases: string | null,
): Readonly<Record<string, string>> {
  const { scaling, resources } = instances;
  const generation = resources.cloudRunGeneration;
  return {
    "autoscaling.knative.dev/maxScale": String(scaling?.maxCount ?? INSTANCES_MAX_DEFAULT),
    "autoscaling.knative.dev/minScale": String(scaling?.minCount ?? 0),
    ...(generation !== undefined && {
      "run.googleapis.com/execution-environment": `gen${generation}`,
    }),
    ...(aliases !== null && { "run.googleapis.com/secrets": aliases }),
  };
}

/** Without probes of its own Cloud Run waits until the port is open, for at most 240 seconds. */
function toProbes({ healthProbes }: EnvironmentSpec): Readonly<Record<string, object>> {
  if (healthProbes === undefined || !healthProbes.healthzProbes) {
    return {};
  }
  const { timeout, startupInterval, livenessInterval } = healthProbes;
  const probe = (periodSeconds: number): object => ({
    httpGet: { path: HEALTH_PATH },
    timeoutSeconds: timeout,
    periodSeconds,
    failureThreshold: PROBE_FAILURES_MAX,
  });
  return { startupProbe: probe(startupInterval), livenessProbe: probe(livenessInterval) };
}
