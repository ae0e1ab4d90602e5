import { idOf } from "../kit/collection-names.ts";
import type { Message } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployResult, ImageChange, Runtime } from "../kit/runtime.ts";
import { ingressContainer } from "./images.ts";
import { ownLabels, written } from "./knative-fields.ts";
import { merged } from "./knative-table.ts";
import { reconcileServices, serviceUri } from "./services.ts";
import { ALL_TO_LATEST, BY_REVISION, type TrafficTarget } from "./spec.ts";
import type { CloudRun, Failure, Pairs, Service } from "./state.ts";

const PERCENT_ALL = 100;

/**
 * Runs services for Cloud Deploy. A deployment is settled when it returns, because the deploy job of
 * a rollout ends only when the revision is ready; how long that takes is the job's own duration.
 * Deploying the same template again, as the next phase of a canary does, moves traffic and makes no
 * new revision, unless the newest one failed: then it is a retry.
 * Source: https://cloud.google.com/deploy/docs/deploy-app-run and
 * https://cloud.google.com/deploy/docs/deployment-strategies/canary/cloud-run
 */
export function createRuntime(run: CloudRun): Runtime {
  return {
    isThere: (name) => run.services.records.has(name) || run.jobs.records.has(name),
    deploy: ({ project, location, manifest, percentage, labels }) => {
      const kind = isRecord(manifest) && manifest["kind"] === "Job" ? "Job" : "Service";
      const { id, spec } = written(kind, manifest);
      const place = `projects/${project}/locations/${location}`;
      const labelled = withLabels(spec, labels);
      return kind === "Job"
        ? putJob(run, { ...labelled, name: `${place}/jobs/${id}` })
        : deployService(run, { ...labelled, name: `${place}/services/${id}` }, percentage);
    },
    changeImage: (change) =>
      change.kind === "job" ? changeJobImage(run, change) : changeServiceImage(run, change),
    sendToLatest: (name) => {
      putService(run, { ...findService(run, name), traffic: ALL_TO_LATEST });
    },
  };
}

type Given = Message & { readonly name: string };

/** A job has no revisions: the next execution runs what it says now. */
function putJob(run: CloudRun, job: Given): DeployResult {
  run.jobs.run.update({ job, allowMissing: true, isSettled: true }, run.now());
  const { failure } = run.jobs.find(job.name).hidden;
  if (failure !== null) {
    throw googleError(failure.status, failure.message);
  }
  return { job: job.name };
}

function changeJobImage(run: CloudRun, { name, image }: ImageChange): DeployResult {
  const job = run.jobs.find(name);
  const task = job.template.template;
  const [first, ...others] = task.containers;
  const template = { ...task, containers: [{ ...first, image }, ...others] };
  return putJob(run, { ...job, template: { ...job.template, template } });
}

function changeServiceImage(
  run: CloudRun,
  { name, image, createMissing }: ImageChange,
): DeployResult {
  const isThere = !createMissing || run.services.records.has(name);
  if (!isThere) {
    return deployed(run, { name, template: { containers: [{ image }] } });
  }
  const before = findService(run, name);
  // A name that the template gave its revision is taken: the next one gets a name of its own.
  const { containers, revision: _taken, ...rest } = before.template;
  const own = ingressContainer(containers);
  const changed = containers.map((one) => (one === own ? Object.assign({}, one, { image }) : one));
  return deployed(run, { ...before, template: { ...rest, containers: changed } });
}

/** @throws GoogleError NOT_FOUND in the words of gcloud, which a custom target calls */
function findService(run: CloudRun, name: string): Service {
  const found = run.services.records.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `Service [${idOf(name)}] could not be found.`);
  }
  return found;
}

function deployService(run: CloudRun, service: Given, percentage: number): DeployResult {
  const { stable = null, served = [] } = run.services.records.get(service.name)?.hidden ?? {};
  if (stable === null || percentage === PERCENT_ALL) {
    return deployed(run, { ...service, traffic: ALL_TO_LATEST });
  }
  // A canary's revision is made while all traffic stays where it is, and gets its share when ready.
  const stays = served.map(({ revision, percent }) => ({ type: BY_REVISION, revision, percent }));
  const result = deployed(run, { ...service, traffic: stays });
  putService(run, { ...service, traffic: shares(result.revision ?? stable, stable, percentage) });
  return result;
}

/** Writes a service, which is settled then. `newRevision` makes one even of a template that did not change. */
function putService(run: CloudRun, service: Given, newRevision = false): Service {
  const nowMs = run.now();
  const request = { service, allowMissing: true, isSettled: true, newRevision };
  run.services.run.update(request, nowMs);
  reconcileServices(run, nowMs);
  return findService(run, service.name);
}

/** @throws GoogleError with the revision's own failure */
function deployed(run: CloudRun, given: Given): DeployResult {
  const { name } = given;
  const failureOf = (service: Service | undefined): Failure | null =>
    run.revisions.records.get(service?.latestCreatedRevision ?? "")?.hidden.failure ?? null;
  const service = putService(run, given, failureOf(run.services.records.get(name)) !== null);
  if (failureOf(service) !== null) {
    const { status = "FAILED_PRECONDITION", message = "" } = service.hidden.failure ?? {};
    throw googleError(status, message);
  }
  const revision = idOf(service.latestCreatedRevision);
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
