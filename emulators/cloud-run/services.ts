import { isDeepStrictEqual } from "node:util";
import type { Message } from "../kit/call.ts";
import { checked } from "../kit/checked.ts";
import { idOf, type Place } from "../kit/collection-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { conditionOf } from "./conditions.ts";
import { suffixFor } from "./images.ts";
import { FIELDS, specOf } from "./messages.ts";
import { placeOf } from "./names.ts";
import { isRetired, startRevision } from "./revisions.ts";
import { BY_REVISION, ServiceSpec, TO_LATEST } from "./spec.ts";
import {
  type CloudRun,
  dueAt,
  forgetOldest,
  type Failure,
  isReady,
  revisionOf,
  revisionsOf,
  type ServedTarget,
  type Service,
  type ServiceOwn,
} from "./state.ts";
import { resolveTraffic, soleRevision } from "./traffic.ts";

/**
 * How many revisions a service has at most.
 * Source: https://cloud.google.com/run/quotas
 */
const REVISIONS_MAX = 1000;

const SEQUENCE_DIGITS = 5;
const SUFFIX_LENGTH = 3;

/** How a service's name and a traffic tag are joined in a path: `tag---service`. */
export const TAG_SEPARATOR = "---";

const FIRST = {
  generation: "0",
  latestCreatedRevision: "",
  hidden: { failure: null, changedMs: 0, revisionCount: 0, stable: null, served: [] },
};

/**
 * A service with the specification that is given. A changed template makes a new revision, which gets traffic only if
 * the service's traffic goes to the latest. One that stays the same is as it was.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS for a revision's name that is taken
 */
export function writeService(
  run: CloudRun,
  { given, before }: { readonly given: Message; readonly before: Service | null },
  place: Place,
): ServiceSpec & ServiceOwn {
  const spec = checked(ServiceSpec, specOf(FIELDS.Service, given), "service");
  const { name, nowMs, request } = place;
  const current = before ?? FIRST;
  const isNew = request["newRevision"] === true || needsRevision(run, { before, spec }, name);
  if (before !== null && !isNew && isDeepStrictEqual(specOf(FIELDS.Service, before), spec)) {
    return before;
  }
  const revisionCount = current.hidden.revisionCount + (isNew ? 1 : 0);
  const number = String(revisionCount).padStart(SEQUENCE_DIGITS, "0");
  const suffix = suffixFor(`${name}@${nowMs}/${revisionCount}`, SUFFIX_LENGTH);
  const revision = spec.template.revision ?? `${idOf(name)}-${number}-${suffix}`;
  const next = {
    ...spec,
    generation: String(Number(current.generation) + 1),
    reconciling: true,
    latestCreatedRevision: isNew ? `${name}/revisions/${revision}` : current.latestCreatedRevision,
    hidden: { ...current.hidden, failure: null, changedMs: nowMs, revisionCount },
  };
  if (isNew) {
    startRevision(run, next, dueAt(place, run.times.readyMs));
    const service = { ...next, name };
    // The oldest that serve nothing go.
    const revisions = revisionsOf(run, name);
    const retired = revisions.filter((one) => isRetired(one, service));
    forgetOldest(run.revisions, retired, revisions.length - REVISIONS_MAX);
  }
  return next;
}

function needsRevision(
  run: CloudRun,
  { before, spec }: { readonly before: Service | null; readonly spec: ServiceSpec },
  name: string,
): boolean {
  if (isDeepStrictEqual(before?.template, spec.template)) {
    return false;
  }
  const { revision } = spec.template;
  if (revision !== undefined && !revision.startsWith(`${idOf(name)}-`)) {
    const message = `"${revision}" must begin with "${idOf(name)}-"`;
    throw badRequest("service.template.revision", message);
  }
  if (revision !== undefined && revisionOf(run, name, revision) !== undefined) {
    throw googleError(
      "ALREADY_EXISTS",
      `Revision named '${revision}' with different configuration already exists.`,
    );
  }
  return true;
}

/**
 * Moves every service on to a moment: when its newest revision is ready or has failed, traffic follows, and it is done.
 * Doing it again changes nothing.
 * Source: the comments on `reconciling` in
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function reconcileServices(run: CloudRun, nowMs: number): void {
  for (const service of run.services.records.values()) {
    if (service.reconciling) {
      reconcile(run, service, nowMs);
    }
  }
}

function reconcile(run: CloudRun, service: Service, nowMs: number): void {
  const ready = revisionsOf(run, service.name).findLast((revision) => isReady(revision, nowMs));
  const newest = ready === undefined ? {} : { latestReadyRevision: ready.name };
  const { served, failure } = resolveTraffic(run, { ...service, ...newest }, nowMs);
  const { hidden } = service;
  // What cannot be served leaves what was served before.
  const routed = failure === null && {
    served,
    stable: soleRevision(served) ?? hidden.stable,
  };
  const next = run.services.change(service, { ...newest, hidden: { ...hidden, ...routed } });
  const latest = run.revisions.records.get(service.latestCreatedRevision)?.hidden;
  if (latest !== undefined && latest.dueMs <= nowMs) {
    finish(run, next, latest.failure === null ? failure : notReady(service, latest.failure));
  }
}

function finish(run: CloudRun, service: Service, failure: Failure | null): void {
  const { generation, hidden, latestCreatedRevision } = service;
  const { dueMs } = run.revisions.find(latestCreatedRevision).hidden;
  run.services.change(service, {
    reconciling: false,
    ...(failure === null && { observedGeneration: generation }),
    hidden: { ...hidden, failure, changedMs: Math.max(dueMs, hidden.changedMs) },
  });
}

function notReady({ latestCreatedRevision }: Service, { status, message }: Failure): Failure {
  return {
    status,
    reason: "REVISION_FAILED",
    message: `Revision '${idOf(latestCreatedRevision)}' is not ready and cannot serve traffic. ${message}`,
  };
}

/** Where a service answers. */
export function serviceUri(run: CloudRun, name: string, tag: string | null): string {
  const { project, location } = placeOf(name);
  const host = tag === null ? idOf(name) : `${tag}${TAG_SEPARATOR}${idOf(name)}`;
  return `${run.baseUrl()}/${project}/${location}/${host}`;
}

/**
 * A service as the API answers it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function serviceView(run: CloudRun, service: Service): object {
  const { name, latestCreatedRevision, latestReadyRevision, reconciling } = service;
  const { failure, changedMs, served } = service.hidden;
  const uri = serviceUri(run, name, null);
  const about = { isUnderWay: reconciling, timeMs: changedMs };
  const isRouteAtFault = latestReadyRevision === latestCreatedRevision;
  return {
    ...service,
    terminalCondition: conditionOf("Ready", { ...about, failure }),
    conditions: [
      conditionOf("RoutesReady", { ...about, failure: isRouteAtFault ? failure : null }),
      conditionOf("ConfigurationsReady", { ...about, failure: isRouteAtFault ? null : failure }),
    ],
    trafficStatuses: served.map((target) => statusOf(run, name, target)),
    uri,
    urls: [uri],
  };
}

function statusOf(
  run: CloudRun,
  name: string,
  { latest, revision, percent, tag }: ServedTarget,
): object {
  return {
    ...(latest ? { type: TO_LATEST } : { type: BY_REVISION, revision }),
    percent,
    ...(tag === null ? {} : { tag, uri: serviceUri(run, name, tag) }),
  };
}
