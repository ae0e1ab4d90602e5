import { googleError } from "../kit/google-error.ts";
import type { DeployRequest, DeployResult, Runtime } from "../kit/runtime.ts";
import { fromKnative } from "./from-knative.ts";
import { ownLabels } from "./metadata-rules.ts";
import { checkId, idOf, placeName } from "./names.ts";
import { serviceUri } from "./service-view.ts";
import { writeService } from "./service-write.ts";
import type { CloudRun, RevisionRecord, ServiceRecord } from "./state.ts";
import type { Pairs, ServiceSpec, TrafficTarget } from "./wire.ts";

const PERCENT_ALL = 100;
const BY_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

const ALL_TO_LATEST: readonly TrafficTarget[] = [
  { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: PERCENT_ALL },
];

/**
 * Runs services for Cloud Deploy. A deployment is settled when it returns, because the deploy job of
 * a rollout ends only when the revision is ready; how long that takes is the job's own duration.
 * Deploying the same template again, as the next phase of a canary does, moves traffic and makes no
 * new revision, unless the newest one failed: then it is a retry.
 * Source: https://cloud.google.com/deploy/docs/deploy-app-run and
 * https://cloud.google.com/deploy/docs/deployment-strategies/canary/cloud-run
 */
export function createRuntime(
  run: CloudRun,
  hooks: { readonly now: () => number; readonly changed: () => void },
): Runtime {
  return {
    hasService: (name) => run.state.services.has(name),
    deploy: (request) => {
      try {
        return deploy({ ...run, readyMs: 0 }, request, hooks.now());
      } finally {
        hooks.changed();
      }
    },
  };
}

function deploy(run: CloudRun, request: DeployRequest, now: number): DeployResult {
  const { id, spec } = fromKnative(request.manifest);
  checkPercentage(request.percentage);
  const { project, location } = request;
  const name = `${placeName({ project, location })}/services/${checkId("metadata.name", id)}`;
  const labelled = withLabels(spec, request.labels);
  const uri = serviceUri(run, name, null);
  const before = run.state.services.get(name);
  const newRevision = latestRevision(run, before)?.outcome.kind === "failed";
  const share = before?.stable === null ? PERCENT_ALL : request.percentage;
  if (before === undefined || share === PERCENT_ALL) {
    writeService(run, { name, spec: { ...labelled, traffic: ALL_TO_LATEST }, newRevision }, now);
    return { service: name, revision: readyRevision(run, name), serviceUrls: [uri] };
  }
  // A canary's revision is made while all traffic stays where it is, and gets its share when ready.
  writeService(run, { name, spec: { ...labelled, traffic: asServed(before) }, newRevision }, now);
  const revision = readyRevision(run, name);
  const traffic = shares(revision, before.stable ?? revision, share);
  writeService(run, { name, spec: { ...labelled, traffic } }, now);
  return { service: name, revision, serviceUrls: [uri] };
}

function asServed(service: ServiceRecord): readonly TrafficTarget[] {
  return service.served.map(({ revision, percent }) => ({ type: BY_REVISION, revision, percent }));
}

function withLabels(spec: ServiceSpec, given: Pairs): ServiceSpec {
  const labels = ownLabels(given);
  return {
    ...spec,
    labels: { ...spec.labels, ...labels },
    template: { ...spec.template, labels: { ...spec.template?.labels, ...labels } },
  };
}

function latestRevision(
  run: CloudRun,
  service: ServiceRecord | undefined,
): RevisionRecord | undefined {
  return run.state.revisions.get(service?.latestCreated ?? "");
}

/**
 * The short name of a service's newest revision.
 * @throws GoogleError with the revision's own failure
 */
function readyRevision(run: CloudRun, name: string): string {
  const service = run.state.services.get(name);
  const revision = latestRevision(run, service);
  if (revision?.outcome.kind === "ready") {
    return idOf(revision.name);
  }
  const failure = service?.failure;
  throw googleError(
    failure?.status ?? "FAILED_PRECONDITION",
    failure?.message ?? `Service '${idOf(name)}' has no revision that is ready.`,
  );
}

/** A stable revision that is deployed again has everything: there is no other to share with. */
function shares(revision: string, stable: string, percent: number): readonly TrafficTarget[] {
  return stable === revision
    ? ALL_TO_LATEST
    : [
        { type: BY_REVISION, revision, percent },
        { type: BY_REVISION, revision: stable, percent: PERCENT_ALL - percent },
      ];
}

function checkPercentage(percentage: number): void {
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > PERCENT_ALL) {
    throw googleError(
      "INVALID_ARGUMENT",
      `percentage must be a whole number from 1 to 100, not ${percentage}`,
    );
  }
}
