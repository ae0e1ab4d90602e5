import type { Message } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest, DeployResult, ImageChange, Runtime } from "../kit/runtime.ts";
import { ingressContainer } from "./images.ts";
import { writeJob } from "./job-write.ts";
import type { Write } from "./kinds.ts";
import { written } from "./knative-fields.ts";
import { merged } from "./knative-table.ts";
import { ownLabels } from "./metadata-rules.ts";
import { idOf, notFound } from "./names.ts";
import { serviceUri } from "./service-views.ts";
import { writeService } from "./service-write.ts";
import type { CloudRun, ServiceRecord } from "./state.ts";
import { ALL_TO_LATEST, BY_REVISION } from "./traffic.ts";
import type { Pairs, TrafficTarget } from "./wire.ts";

const PERCENT_ALL = 100;

/**
 * Runs services for Cloud Deploy. A deployment is settled when it returns, because the deploy job of
 * a rollout ends only when the revision is ready; how long that takes is the job's own duration.
 * Deploying the same template again, as the next phase of a canary does, moves traffic and makes no
 * new revision, unless the newest one failed: then it is a retry.
 * Source: https://cloud.google.com/deploy/docs/deploy-app-run and
 * https://cloud.google.com/deploy/docs/deployment-strategies/canary/cloud-run
 */
export function createRuntime(run: CloudRun, now: () => number): Runtime {
  const settled = { ...run, times: { ...run.times, readyMs: 0, jobMs: 0 } };
  return {
    isThere: (name) => run.state.services.has(name) || run.state.jobs.has(name),
    deploy: (request) =>
      isRecord(request.manifest) && request.manifest["kind"] === "Job"
        ? deployJob(settled, request, now())
        : deployService(settled, request, now()),
    changeImage: (wanted) =>
      wanted.kind === "job"
        ? changeJobImage(settled, wanted, now())
        : changeServiceImage(settled, wanted, now()),
    sendToLatest: (name) => {
      const { spec } = findService(settled, name);
      writeService(settled, { name, spec: { ...spec, traffic: ALL_TO_LATEST } }, now());
    },
  };
}

/** A job has no revisions: the next execution runs what it says now. */
function deployJob(run: CloudRun, request: DeployRequest, now: number): DeployResult {
  const { id, spec } = written("Job", request.manifest);
  const name = `projects/${request.project}/locations/${request.location}/jobs/${id}`;
  return writeSettledJob(run, { name, spec: withLabels(spec, request.labels) }, now);
}

function changeJobImage(run: CloudRun, { name, image }: ImageChange, now: number): DeployResult {
  const spec = run.state.jobs.get(name)?.spec;
  if (spec === undefined) {
    throw notFound("Job", name);
  }
  const { template: execution = {} } = spec;
  const { template: task = {} } = execution;
  const [first = {}, ...others] = task.containers ?? [];
  const template = { ...task, containers: [{ ...first, image }, ...others] };
  const next = { ...spec, template: { ...execution, template } };
  return writeSettledJob(run, { name, spec: next }, now);
}

function writeSettledJob(run: CloudRun, write: Write, now: number): DeployResult {
  writeJob(run, write, now);
  const failure = run.state.jobs.get(write.name)?.failure ?? null;
  if (failure !== null) {
    throw googleError(failure.status, failure.message);
  }
  return { job: write.name };
}

function changeServiceImage(
  run: CloudRun,
  { name, image, createMissing }: ImageChange,
  now: number,
): DeployResult {
  const before = createMissing ? run.state.services.get(name) : findService(run, name);
  const { spec = {} } = before ?? {};
  // A name that the template gave its revision is taken: the next one gets a name of its own.
  const { containers = [{}], revision: _taken, ...rest } = spec.template ?? {};
  const own = ingressContainer(containers);
  const changed = containers.map((one) => (one === own ? Object.assign({}, one, { image }) : one));
  return deployed(
    run,
    { name, spec: { ...spec, template: { ...rest, containers: changed } } },
    now,
  );
}

/** @throws GoogleError NOT_FOUND in the words of gcloud, which a custom target calls */
function findService(run: CloudRun, name: string): ServiceRecord {
  const found = run.state.services.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `Service [${idOf(name)}] could not be found.`);
  }
  return found;
}

function deployService(run: CloudRun, request: DeployRequest, now: number): DeployResult {
  const { id, spec } = written("Service", request.manifest);
  checkPercentage(request.percentage);
  const name = `projects/${request.project}/locations/${request.location}/services/${id}`;
  const labelled = withLabels(spec, request.labels);
  const stable = run.state.services.get(name)?.stable ?? null;
  const served = run.state.services.get(name)?.served ?? [];
  if (stable === null || request.percentage === PERCENT_ALL) {
    return deployed(run, { name, spec: { ...labelled, traffic: ALL_TO_LATEST } }, now);
  }
  // A canary's revision is made while all traffic stays where it is, and gets its share when ready.
  const stays = served.map(({ revision, percent }) => ({ type: BY_REVISION, revision, percent }));
  const result = deployed(run, { name, spec: { ...labelled, traffic: stays } }, now);
  const traffic = shares(result.revision ?? stable, stable, request.percentage);
  writeService(run, { name, spec: { ...labelled, traffic } }, now);
  return result;
}

/** @throws GoogleError with the revision's own failure */
function deployed(run: CloudRun, write: Write, now: number): DeployResult {
  const { name } = write;
  const outcomeOf = (service: ServiceRecord | undefined): string | undefined =>
    run.state.revisions.get(service?.latestCreated ?? "")?.outcome.kind;
  const newRevision = outcomeOf(run.state.services.get(name)) === "failed";
  writeService(run, { ...write, newRevision }, now);
  const service = findService(run, name);
  if (outcomeOf(service) !== "ready") {
    const { status = "FAILED_PRECONDITION", message = "" } = service.failure ?? {};
    throw googleError(status, message);
  }
  const revision = idOf(service.latestCreated);
  return { service: name, revision, serviceUrls: [serviceUri(run, name, null)] };
}

function withLabels(spec: Message, given: Pairs): Message {
  const labels = ownLabels(given);
  return merged(spec, { labels, template: { labels } });
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
