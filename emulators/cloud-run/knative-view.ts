import { toTimestamp } from "../kit/clock.ts";
import { idOf, placeOf } from "./names.ts";
import { present } from "./present.ts";
import { revisionView, serviceView } from "./service-view.ts";
import type { CloudRun, RevisionRecord, ServiceRecord } from "./state.ts";
import { RUN } from "./knative-parts.ts";
import { toKnativePod } from "./knative-pod.ts";
import type { Condition, Pairs, RevisionTemplate, ServiceSpec } from "./wire.ts";

const API_VERSION = "serving.knative.dev/v1";

const STATUS: Readonly<Record<Condition["state"], string>> = {
  CONDITION_PENDING: "Unknown",
  CONDITION_RECONCILING: "Unknown",
  CONDITION_FAILED: "False",
  CONDITION_SUCCEEDED: "True",
};

/**
 * A service as version 1 of the API has it: `gcloud run` reads and writes it in this form.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services
 */
export function knativeService(run: CloudRun, service: ServiceRecord): object {
  const view = serviceView(run, service);
  return {
    apiVersion: API_VERSION,
    kind: "Service",
    metadata: {
      ...metadata(service, view.labels),
      uid: service.uid,
      generation: service.generation,
      resourceVersion: String(service.version),
      annotations: { ...view.annotations, ...serviceAnnotations(view) },
    },
    spec: {
      template: {
        metadata: present({
          name: view.template?.revision,
          labels: view.template?.labels ?? {},
          annotations: templateAnnotations(view.template ?? {}),
        }),
        spec: podSpec(view.template ?? {}),
      },
      traffic: (view.traffic ?? []).map(({ percent = 0, revision, tag }) =>
        present({
          percent,
          revisionName: revision,
          latestRevision: revision === undefined ? true : undefined,
          tag,
        }),
      ),
    },
    status: {
      observedGeneration: service.reconciling ? service.observedGeneration : service.generation,
      conditions: [view.terminalCondition, ...view.conditions].map(knativeCondition),
      latestCreatedRevisionName: idOf(service.latestCreated),
      latestReadyRevisionName: idOf(service.latestReady ?? ""),
      traffic: service.served.map(({ revision, percent, latest, tag }, index) =>
        present({
          revisionName: revision,
          percent,
          latestRevision: latest,
          tag: tag ?? undefined,
          url: tag === null ? undefined : view.trafficStatuses[index]?.uri,
        }),
      ),
      url: view.uri,
      address: { url: view.uri },
    },
  };
}

/**
 * A revision as version 1 of the API has it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.revisions
 */
export function knativeRevision(run: CloudRun, revision: RevisionRecord): object {
  const view = revisionView(revision, run.state.services.get(revision.service));
  const service = idOf(revision.service);
  return {
    apiVersion: API_VERSION,
    kind: "Revision",
    metadata: {
      ...metadata(revision, {
        ...view.labels,
        "serving.knative.dev/service": service,
        "serving.knative.dev/configuration": service,
        "serving.knative.dev/configurationGeneration": String(revision.sequence),
      }),
      uid: view.uid,
      generation: 1,
      annotations: templateAnnotations(revision.template),
    },
    spec: podSpec(revision.template),
    status: {
      observedGeneration: 1,
      conditions: view.conditions.map(knativeCondition),
      imageDigest: revision.image?.reference ?? "",
      logUrl: view.logUri,
    },
  };
}

/** The metadata of any resource in version 1. */
export function metadata(
  record: { readonly name: string; readonly createTime: number },
  labels: Pairs | undefined,
): object {
  const { project, location } = placeOf(record.name);
  return {
    name: idOf(record.name),
    namespace: project,
    creationTimestamp: toTimestamp(record.createTime),
    labels: { ...labels, "cloud.googleapis.com/location": location },
  };
}

function podSpec(template: RevisionTemplate): object {
  return {
    containerConcurrency: template.maxInstanceRequestConcurrency ?? 0,
    timeoutSeconds: Number.parseFloat(template.timeout ?? "300s"),
    ...toKnativePod(template).spec,
  };
}

/** The fields of a service that version 1 has as annotations. */
function serviceAnnotations(spec: ServiceSpec): Pairs {
  const own = present({
    ingress: ingress(spec.ingress),
    "ingress-status": ingress(spec.ingress),
    "launch-stage": spec.launchStage === "GA" ? undefined : spec.launchStage,
    description: spec.description,
    "client-name": spec.client,
    "client-version": spec.clientVersion,
    minScale: spec.scaling?.minInstanceCount?.toString(),
    maxScale: spec.scaling?.maxInstanceCount?.toString(),
    "invoker-iam-disabled": spec.invokerIamDisabled?.toString(),
    "default-url-disabled": spec.defaultUriDisabled?.toString(),
  });
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [`${RUN}/${name}`, value]));
}

function templateAnnotations(template: RevisionTemplate): Pairs {
  const { minInstanceCount, maxInstanceCount } = template.scaling ?? {};
  return {
    ...template.annotations,
    ...toKnativePod(template).annotations,
    ...present({
      "autoscaling.knative.dev/minScale": minInstanceCount?.toString(),
      "autoscaling.knative.dev/maxScale": maxInstanceCount?.toString(),
      [`${RUN}/sessionAffinity`]: template.sessionAffinity?.toString(),
    }),
  };
}

/** A condition as version 1 has it. */
export function knativeCondition(condition: Condition): object {
  const { type, state, message, lastTransitionTime, severity } = condition;
  const reason = condition.reason ?? condition.revisionReason ?? condition.executionReason;
  return present({
    type,
    status: STATUS[state],
    lastTransitionTime,
    message,
    reason: reason === undefined ? undefined : toPascalCase(reason),
    severity: severity === undefined ? undefined : toPascalCase(severity),
  });
}

/** `CONTAINER_MISSING` is `ContainerMissing` in version 1. */
function toPascalCase(reason: string): string {
  return reason
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
}

function ingress(value: string | undefined): string {
  switch (value) {
    case "INGRESS_TRAFFIC_INTERNAL_ONLY":
      return "internal";
    case "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER":
      return "internal-and-cloud-load-balancing";
    case "INGRESS_TRAFFIC_NONE":
      return "none";
    case undefined:
    default:
      return "all";
  }
}
