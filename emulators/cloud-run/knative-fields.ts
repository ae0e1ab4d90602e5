import { idOf } from "../kit/collection-names.ts";
import { textAt } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { badRequest } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { ingressContainer } from "./images.ts";
import { AS_JSON, note, pairs, pod, same } from "./knative-pod.ts";
import { converted, type Field, listOf, part, read, show, shown, words } from "./knative-table.ts";
import { checkedMessage } from "./messages.ts";
import { IDS, placeOf } from "./names.ts";
import { type Container, SYSTEM_KEY } from "./pod-spec.ts";
import { BY_REVISION } from "./spec.ts";
import type { Pairs } from "./state.ts";

/** A kind of resource as version 1 has it. */
type KnativeKind = {
  readonly apiVersion: "serving.knative.dev/v1" | "run.googleapis.com/v1";
  /** What callers may write. */
  readonly spec: readonly Field[];
  /** What only the service says. */
  readonly status: readonly Field[];
};

/** By it gcloud asks for a new revision. It is version 1's own: version 2 takes no prefixed keys. */
export const NONCE = "client.knative.dev/nonce";

const DEPLOY_PREFIX = /^(?:deploy\.cloud\.google\.com\/|app\.kubernetes\.io\/(?=managed-by$))/;

/** The labels or annotations that are the owner's own; version 2 takes no others. */
function ownPairs(given: Pairs): Pairs {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !SYSTEM_KEY.test(key)));
}

/**
 * The labels of a manifest as a service can have them. Those that Cloud Deploy puts on Kubernetes
 * resources, such as `deploy.cloud.google.com/release-id`, are `release-id` on Cloud Run, which takes
 * no prefixed keys.
 * Source: https://cloud.google.com/deploy/docs/labels-annotations
 */
export function ownLabels(labels: Pairs): Pairs {
  const own = Object.entries(ownPairs(labels)).filter(([key]) => key !== NONCE);
  return Object.fromEntries(own.map(([key, value]) => [key.replace(DEPLOY_PREFIX, ""), value]));
}

const INGRESS = words({
  all: "INGRESS_TRAFFIC_ALL",
  internal: "INGRESS_TRAFFIC_INTERNAL_ONLY",
  "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
  none: "INGRESS_TRAFFIC_NONE",
});
/** GA is what version 1 does not say. */
const STAGE = words({ ALPHA: "ALPHA", BETA: "BETA" });
const STATUS: Readonly<Record<string, string>> = {
  CONDITION_FAILED: "False",
  CONDITION_SUCCEEDED: "True",
};
const ID = shown((name) => idOf(String(name)));
const COUNT = shown(Number);
/** `CONTAINER_MISSING` is `ContainerMissing` in version 1. */
const PASCAL = shown((reason) =>
  String(reason)
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
);

const PAIRS: readonly Field[] = [
  // gcloud fails on a template without any.
  ["", "metadata", shown(() => ({}))],
  ["labels", "metadata labels", pairs(ownLabels)],
  ["annotations", "metadata annotations", pairs(ownPairs)],
];

const REVISION: readonly Field[] = [
  ...PAIRS,
  ["scaling minInstanceCount", "metadata annotations autoscaling.knative.dev/minScale", AS_JSON],
  ["scaling maxInstanceCount", "metadata annotations autoscaling.knative.dev/maxScale", AS_JSON],
  ["maxInstanceRequestConcurrency", "spec containerConcurrency"],
  ["sessionAffinity", note("sessionAffinity"), AS_JSON],
  pod("", "spec"),
];

const TARGET: readonly Field[] = [
  ...same("percent", "tag"),
  ["revision", "revisionName"],
  ["type", "latestRevision", shown((type) => type !== BY_REVISION || undefined)],
  [
    "type",
    "revisionName",
    converted(
      () => undefined,
      (name) => (name === "" ? undefined : BY_REVISION),
    ),
  ],
];

const EXECUTION: readonly Field[] = [
  ...PAIRS,
  ["parallelism", "spec parallelism"],
  ["taskCount", "spec taskCount"],
  pod("template", "spec template spec"),
];

const REFERENCE: readonly Field[] = [
  ["name", "name", ID],
  ["createTime", "creationTimestamp"],
  ["completionTime", "completionTimestamp"],
  ["completionStatus", "completionStatus"],
];

const CONDITION: readonly Field[] = [
  ...same("type", "lastTransitionTime", "message"),
  ["state", "status", shown((state) => STATUS[String(state)] ?? "Unknown")],
  ["reason", "reason", PASCAL],
  ["revisionReason", "reason", PASCAL],
  ["executionReason", "reason", PASCAL],
  ["severity", "severity", PASCAL],
];

/** What all kinds show. */
const HEAD: readonly Field[] = [
  ["name", "metadata name", ID],
  ["name", "metadata namespace", shown((name) => placeOf(String(name)).project)],
  [
    "name",
    "metadata labels cloud.googleapis.com/location",
    shown((name) => placeOf(String(name)).location),
  ],
  ["uid", "metadata uid"],
  ["generation", "metadata generation", COUNT],
  ["etag", "metadata resourceVersion"],
  ["createTime", "metadata creationTimestamp"],
  ["generation", "status observedGeneration", COUNT],
  ["conditions", "status conditions", listOf(CONDITION)],
];

/**
 * The kinds of version 1.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services and
 * https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs
 */
export const KNATIVE = {
  Service: {
    apiVersion: "serving.knative.dev/v1",
    spec: [
      ...PAIRS,
      ["ingress", note("ingress"), INGRESS],
      ["launchStage", note("launch-stage"), STAGE],
      ["description", note("description")],
      ["client", note("client-name")],
      ["clientVersion", note("client-version")],
      ["scaling minInstanceCount", note("minScale"), AS_JSON],
      ["scaling maxInstanceCount", note("maxScale"), AS_JSON],
      ["invokerIamDisabled", note("invoker-iam-disabled"), AS_JSON],
      ["defaultUriDisabled", note("default-url-disabled"), AS_JSON],
      ["template", "spec template", part([...REVISION, ["revision", "metadata name"]])],
      ["traffic", "spec traffic", listOf(TARGET)],
    ],
    status: [
      ["ingress", note("ingress-status"), shown(INGRESS.show)],
      ["latestCreatedRevision", "status latestCreatedRevisionName", ID],
      ["latestReadyRevision", "status latestReadyRevisionName", ID],
      ["trafficStatuses", "status traffic", listOf([...TARGET, ["uri", "url"]])],
      ["uri", "status url"],
      ["uri", "status address url"],
    ],
  },
  Revision: {
    apiVersion: "serving.knative.dev/v1",
    spec: REVISION,
    status: [
      ["service", "metadata labels serving.knative.dev/service"],
      ["service", "metadata labels serving.knative.dev/configuration"],
      ["containers", "status imageDigest", shown(imageOf)],
      ["logUri", "status logUrl"],
    ],
  },
  Job: {
    apiVersion: "run.googleapis.com/v1",
    spec: [
      ...PAIRS,
      ["client", note("client-name")],
      ["clientVersion", note("client-version")],
      ["launchStage", note("launch-stage"), STAGE],
      ["template", "spec template", part(EXECUTION)],
    ],
    status: [
      ["executionCount", "status executionCount"],
      ["latestCreatedExecution", "status latestCreatedExecution", part(REFERENCE)],
    ],
  },
  Execution: {
    apiVersion: "run.googleapis.com/v1",
    spec: EXECUTION,
    status: [
      ["job", "metadata labels run.googleapis.com/job"],
      ...[
        "startTime",
        "completionTime",
        "logUri",
        "runningCount",
        "succeededCount",
        "failedCount",
        "cancelledCount",
        "retriedCount",
      ].map((name): Field => [name, `status ${name}`]),
    ],
  },
} satisfies Readonly<Record<string, KnativeKind>>;

/** What is shown in version 1. */
export function knative(kind: keyof typeof KNATIVE, view: Message): Message {
  const { apiVersion, spec, status }: KnativeKind = KNATIVE[kind];
  return { apiVersion, kind, ...show([...HEAD, ...spec, ...status], withAll(view)) };
}

/** Version 1 has one list of conditions, and names the revision that is the latest. */
function withAll(view: Message): Message {
  const { terminalCondition, conditions, trafficStatuses, latestReadyRevision = "" } = view;
  const targets = Array.isArray(trafficStatuses) ? trafficStatuses : [];
  const revision = idOf(String(latestReadyRevision));
  return {
    ...view,
    conditions: [terminalCondition ?? [], conditions].flat(),
    trafficStatuses: targets.map((target: object) => Object.assign({ revision }, target)),
  };
}

function imageOf(containers: unknown): unknown {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a revision's view
  return ingressContainer(containers as readonly Container[]).image;
}

/**
 * What somebody wrote in version 1: the id of a service or a job, and its specification.
 * @throws GoogleError INVALID_ARGUMENT that names what is wrong with it
 */
export function written(
  kind: "Service" | "Job",
  manifest: unknown,
): { readonly id: string; readonly spec: Message } {
  const { apiVersion, spec }: KnativeKind = KNATIVE[kind];
  if (!isRecord(manifest) || manifest["kind"] !== kind || manifest["apiVersion"] !== apiVersion) {
    throw badRequest("kind", `The manifest is not valid: it must be a ${kind} of ${apiVersion}`);
  }
  const id = textAt(manifest, "metadata.name");
  if (!IDS.pattern.test(id)) {
    throw badRequest("metadata.name", `metadata.name must be ${IDS.rule}`);
  }
  return { id, spec: checkedMessage(kind, read(spec, manifest)) };
}
