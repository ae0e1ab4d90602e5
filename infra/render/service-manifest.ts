import { isInvokerChecked } from "./invoker-check.ts";
import { toContainer } from "./container.ts";
import { accountOf, diagnosticsOf } from "./conventions.ts";
import type { Diagnostics } from "./conventions.ts";
import { labelsOf } from "./place.ts";
import type { Place } from "./place.ts";
import { runtimeOf, templateAnnotations } from "./runtime.ts";
import { toSecretParts } from "./secrets.ts";

/*
 * What the Managed Services Platform gives a service that does not say otherwise.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform/stacks/cloudrun)
 */
const PORT = 9992;
const REQUEST_TIMEOUT_SECONDS = 300;
const CONCURRENCY_DEFAULT = 1000;
const INSTANCES_MAX_DEFAULT = 5;
const INGRESS_DEFAULT = "internal-and-cloud-load-balancing";
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
    metadata: { name: environment.runService, labels, annotations: toAccess(place) },
    spec: {
      template: {
        metadata: { labels, annotations: toRevisionAnnotations(place, secrets.aliases) },
        spec: {
          containerConcurrency: scaling?.maxRequestConcurrency ?? CONCURRENCY_DEFAULT,
          serviceAccountName: accountOf(place),
          timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
          containers: [
            {
              ...toContainer(place, secrets),
              ports: [
                { name: spec.service.protocol === "h2c" ? "h2c" : "http1", containerPort: PORT },
              ],
              ...toProbes(place),
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
 * not; without `authentication` whoever gets that far may call it, unless `runtime.invokerCheck` has Cloud Run look.
 * Source: https://cloud.google.com/run/docs/securing/ingress
 */
function toAccess(place: Place): Readonly<Record<string, string>> {
  const { ingress = INGRESS_DEFAULT, annotations } = runtimeOf(place) ?? {};
  return {
    ...annotations,
    "run.googleapis.com/ingress": ingress,
    ...(!isInvokerChecked(place) && { "run.googleapis.com/invoker-iam-disabled": "true" }),
  };
}

function toRevisionAnnotations(
  place: Place,
  aliases: string | null,
): Readonly<Record<string, string>> {
  const { scaling } = place.written.instances;
  return {
    "autoscaling.knative.dev/maxScale": String(scaling?.maxCount ?? INSTANCES_MAX_DEFAULT),
    "autoscaling.knative.dev/minScale": String(scaling?.minCount ?? 0),
    ...templateAnnotations(place, aliases),
  };
}

/**
 * Probes carry the diagnostics secret. Cloud Run cannot take a probe's header from a secret, and the secret itself
 * does not belong into a manifest: such a service has no probes here, and is asked by `verify`. Without probes of
 * its own Cloud Run waits until the port is open, for at most 240 seconds.
 * Source: https://cloud.google.com/run/docs/configuring/healthchecks
 */
function toProbes(place: Place): Readonly<Record<string, object>> {
  const { healthProbes } = place.written;
  const diagnostics = diagnosticsOf(place);
  if (healthProbes === undefined || !healthProbes.healthzProbes || diagnostics.kind === "secret") {
    return {};
  }
  const { timeout, startupInterval, livenessInterval } = healthProbes;
  const probe = (periodSeconds: number): object => ({
    httpGet: { path: HEALTH_PATH, ...headersOf(diagnostics) },
    timeoutSeconds: timeout,
    periodSeconds,
    failureThreshold: PROBE_FAILURES_MAX,
  });
  return { startupProbe: probe(startupInterval), livenessProbe: probe(livenessInterval) };
}

function headersOf(diagnostics: Diagnostics): object {
  return diagnostics.kind === "value"
    ? { httpHeaders: [{ name: "Authorization", value: `Bearer ${diagnostics.value}` }] }
    : {};
}
