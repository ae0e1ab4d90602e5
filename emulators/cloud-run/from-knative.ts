import type { z } from "zod";
import { badRequest } from "../kit/google-error.ts";
import { KnativeJobManifest, KnativeManifest } from "./knative-manifest.ts";
import { choose, count, flag, RUN, toPodParts, toScaling } from "./knative-parts.ts";
import { ownLabels, ownPairs } from "./metadata-rules.ts";
import type { JobSpec } from "./job-records.ts";
import { present } from "./present.ts";
import type { RevisionTemplate, ServiceSpec, TrafficTarget } from "./wire.ts";

const AUTOSCALING = "autoscaling.knative.dev";
const INGRESS: Readonly<Record<string, string>> = {
  all: "INGRESS_TRAFFIC_ALL",
  internal: "INGRESS_TRAFFIC_INTERNAL_ONLY",
  "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
  none: "INGRESS_TRAFFIC_NONE",
};

/** A service's id and its specification in the form of the API's second version. */
type ConvertedManifest = { readonly id: string; readonly spec: ServiceSpec };

/**
 * Turns a Knative service into the second version's form: annotations in the platform's namespaces
 * become fields, the others stay. The manifest's own traffic is left out.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1 and
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 * @throws GoogleError INVALID_ARGUMENT that names what is wrong with the manifest.
 */
export function fromKnative(manifest: unknown): ConvertedManifest {
  const { metadata, spec } = read(KnativeManifest, manifest);
  return { id: metadata.name, spec: toSpec(metadata, toTemplate(spec.template)) };
}

/**
 * Turns a job of version 1 into the second version's form.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs and
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs
 * @throws GoogleError INVALID_ARGUMENT that names what is wrong with the manifest.
 */
export function jobFromKnative(manifest: unknown): { readonly id: string; readonly spec: JobSpec } {
  const { metadata, spec } = read(KnativeJobManifest, manifest);
  const { metadata: about, spec: execution } = spec.template;
  const { timeoutSeconds, maxRetries, ...task } = execution.template.spec;
  const job = present({
    labels: ownLabels(metadata.labels),
    annotations: ownPairs(metadata.annotations),
    template: present({
      labels: ownLabels(about.labels),
      annotations: ownPairs(about.annotations),
      parallelism: execution.parallelism,
      taskCount: execution.taskCount,
      template: present({
        ...toPodParts(about.annotations, task),
        maxRetries,
        timeout: timeoutSeconds === undefined ? undefined : `${timeoutSeconds}s`,
      }),
    }),
  });
  return { id: metadata.name, spec: job };
}

/** A service as callers of version 1 write it: with its traffic. */
export function serviceFromKnative(manifest: unknown): ConvertedManifest {
  const { spec } = read(KnativeManifest, manifest);
  const converted = fromKnative(manifest);
  return {
    id: converted.id,
    spec: present({ ...converted.spec, traffic: spec.traffic?.map(toTarget) }),
  };
}

function toTarget({ percent, revisionName: revision, tag }: Target): TrafficTarget {
  const isNamed = revision !== undefined && revision !== "";
  const type = isNamed ? "REVISION" : "LATEST";
  return present({
    type: `TRAFFIC_TARGET_ALLOCATION_TYPE_${type}` as const,
    revision: isNamed ? revision : undefined,
    percent,
    tag,
  });
}

type Target = NonNullable<KnativeManifest["spec"]["traffic"]>[number];

function read<Manifest>(schema: z.ZodType<Manifest>, manifest: unknown): Manifest {
  const parsed = schema.safeParse(manifest);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = (issue?.path ?? []).map(String).join(".");
    throw badRequest(field, `The manifest is not valid: ${field}: ${issue?.message ?? ""}`);
  }
  return parsed.data;
}

function toSpec(metadata: KnativeManifest["metadata"], template: RevisionTemplate): ServiceSpec {
  const { annotations } = metadata;
  return present({
    labels: ownLabels(metadata.labels),
    annotations: ownPairs(annotations),
    ingress: choose(INGRESS, annotations, `${RUN}/ingress`),
    launchStage: annotations[`${RUN}/launch-stage`],
    description: annotations[`${RUN}/description`],
    client: annotations[`${RUN}/client-name`],
    clientVersion: annotations[`${RUN}/client-version`],
    scaling: toScaling(
      count(annotations, `${RUN}/minScale`),
      count(annotations, `${RUN}/maxScale`),
    ),
    invokerIamDisabled: flag(annotations, `${RUN}/invoker-iam-disabled`),
    defaultUriDisabled: flag(annotations, `${RUN}/default-url-disabled`),
    template,
  });
}

function toTemplate(template: KnativeManifest["spec"]["template"]): RevisionTemplate {
  const { metadata, spec } = template;
  const { annotations } = metadata;
  const { timeoutSeconds } = spec;
  return present({
    revision: metadata.name,
    labels: ownLabels(metadata.labels),
    annotations: ownPairs(annotations),
    scaling: toScaling(
      count(annotations, `${AUTOSCALING}/minScale`, `${AUTOSCALING}/min-scale`),
      count(annotations, `${AUTOSCALING}/maxScale`, `${AUTOSCALING}/max-scale`),
    ),
    ...toPodParts(annotations, spec),
    maxInstanceRequestConcurrency: spec.containerConcurrency,
    timeout: timeoutSeconds === undefined ? undefined : `${timeoutSeconds}s`,
    sessionAffinity: flag(annotations, `${RUN}/sessionAffinity`),
  });
}
