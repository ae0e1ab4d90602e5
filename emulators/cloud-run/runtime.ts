import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest, DeployResult, ImageChange, Runtime } from "../kit/runtime.ts";
import { fromKnative, jobFromKnative } from "./from-knative.ts";
import { ingressContainer } from "./image-reference.ts";
import { findJob, writeJob } from "./operations-jobs.ts";
import { ownLabels } from "./metadata-rules.ts";
import { checkId, idOf, placeName } from "./names.ts";
import { serviceUri } from "./service-view.ts";
import { writeService } from "./service-write.ts";
import type { JobSpec } from "./job-records.ts";
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
  const settled = { ...run, readyMs: 0, jobMs: 0 };
  function change<Result>(act: (now: number) => Result): Result {
    try {
      return act(hooks.now());
    } finally {
      hooks.changed();
    }
  }
  return {
    isThere: (name) => run.state.services.has(name) || run.state.jobs.has(name),
    deploy: (request) =>
      change((now) =>
        isRecord(request.manifest) && request.manifest["kind"] === "Job"
          ? deployJob(settled, request, now)
          : deploy(settled, request, now),
      ),
    changeImage: (wanted) =>
      change((now) =>
        wanted.kind === "job"
          ? changeJobImage(settled, wanted, now)
          : changeServiceImage(settled, wanted, now),
      ),
    sendToLatest: (name) => {
      change((now) => {
        const { spec } = findServiceRecord(settled, name);
        writeService(settled, { name, spec: { ...spec, traffic: ALL_TO_LATEST } }, now);
      });
    },
  };
}

/** A job has no revisions: the next execution runs what it says now. */
function deployJob(run: CloudRun, request: DeployRequest, now: number): DeployResult {
  const { id, spec } = jobFromKnative(request.manifest);
  const { project, location } = request;
  const name = `${placeName({ project, location })}/jobs/${checkId("metadata.name", id)}`;
  const labels = ownLabels(request.labels);
  const { template = {} } = spec;
  const labelled = {
    ...spec,
    labels: { ...spec.labels, ...labels },
    template: { ...template, labels: { ...template.labels, ...labels } },
  };
  return writtenJob(run, { name, spec: labelled }, now);
}

function changeJobImage(run: CloudRun, { name, image }: ImageChange, now: number): DeployResult {
  const { spec } = findJob(run, name);
  const { template: execution = {} } = spec;
  const { template: task = {} } = execution;
  const [first = {}, ...others] = task.containers ?? [];
  const containers = [{ ...first, image }, ...others];
  const next = { ...spec, template: { ...execution, template: { ...task, containers } } };
  return writtenJob(run, { name, spec: next }, now);
}

function writtenJob(
  run: CloudRun,
  { name, spec }: { readonly name: string; readonly spec: JobSpec },
  now: number,
): DeployResult {
  writeJob(run, { name, job: spec, validateOnly: false }, now);
  const { failure } = findJob(run, name);
  if (failure !== null) {
    throw googleError(failure.status, failure.message);
  }
  return { job: name };
}

function changeServiceImage(
  run: CloudRun,
  { name, image, createMissing }: ImageChange,
  now: number,
): DeployResult {
  const before = createMissing ? run.state.services.get(name) : findServiceRecord(run, name);
  const { spec = {} } = before ?? {};
  const { template = {} } = spec;
  const { containers = [{}] } = template;
  const at = Math.max(containers.indexOf(ingressContainer(containers)), 0);
  const changed = containers.with(at, { ...containers[at], image });
  // A name that the template gave its revision is taken: the next one gets a name of its own.
  const { revision: _taken, ...rest } = template;
  const next = { ...spec, template: { ...rest, containers: changed } };
  const newRevision = latestRevision(run, before)?.outcome.kind === "failed";
  writeService(run, { name, spec: next, newRevision }, now);
  const serviceUrls = [serviceUri(run, name, null)];
  return { service: name, revision: readyRevision(run, name), serviceUrls };
}

function findServiceRecord(run: CloudRun, name: string): ServiceRecord {
  const found = run.state.services.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `Service [${idOf(name)}] could not be found.`);
  }
  return found;
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
