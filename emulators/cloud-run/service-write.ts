import { isDeepStrictEqual } from "node:util";
import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { suffixFor } from "./identity.ts";
import { uidFor } from "../kit/collection-names.ts";
import type { Write } from "./kinds.ts";
import { beginOperation, finishedOperation } from "./long-running.ts";
import { idOf } from "./names.ts";
import { reconcileServices } from "./reconcile.ts";
import { startRevision } from "./revision-start.ts";
import { checkSpec, withDefaults } from "./service-spec.ts";
import { isRetired, serviceView } from "./service-views.ts";
import { type CloudRun, revisionOf, revisionsOf, type ServiceRecord } from "./state.ts";
import type { ServiceSpec } from "./wire.ts";

/**
 * How many revisions a service has at most.
 * Source: https://cloud.google.com/run/quotas
 */
const REVISIONS_MAX = 1000;

const SEQUENCE_DIGITS = 5;
const SUFFIX_LENGTH = 3;

/**
 * Creates a service or gives an existing one a new specification. A changed template makes a new revision, which gets
 * traffic only if the service's traffic goes to the latest.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS for a revision's name that is taken
 */
export function writeService(run: CloudRun, write: Write, now: number): Operation {
  const { name } = write;
  const { services, revisions } = run.state;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the descriptors; every field may lack
  const given = write.spec as ServiceSpec;
  checkSpec(idOf(name), given);
  const spec = withDefaults(given);
  const current = services.get(name) ?? firstRecord(name, now);
  const isNew = write.newRevision === true || needsRevision(run, current, spec);
  const next = nextService(current, { spec, isNew }, now);
  if (write.validateOnly === true) {
    const response = serviceView(run, next);
    return finishedOperation(run, { type: "Service", response, isKept: false }, now);
  }
  if (isNew) {
    const { template = {} } = spec;
    revisions.set(next.latestCreated, startRevision(run, { service: next, template }, now));
    forgetOldRevisions(run, next);
  }
  services.set(name, next);
  reconcileServices(run, now);
  return beginOperation(run, name, now);
}

/** Of more than a service may have, the oldest revisions that serve nothing are deleted. */
function forgetOldRevisions(run: CloudRun, service: ServiceRecord): void {
  const revisions = revisionsOf(run.state, service.name);
  const retired = revisions.filter((revision) => isRetired(revision, service));
  for (const { name } of retired.slice(0, Math.max(0, revisions.length - REVISIONS_MAX))) {
    run.state.revisions.delete(name);
  }
}

function needsRevision(run: CloudRun, current: ServiceRecord, { template }: ServiceSpec): boolean {
  if (isDeepStrictEqual(current.spec.template, template)) {
    return false;
  }
  const wanted = template?.revision;
  if (wanted !== undefined && revisionOf(run.state, current.name, wanted) !== undefined) {
    throw googleError(
      "ALREADY_EXISTS",
      `Revision named '${wanted}' with different configuration already exists.`,
    );
  }
  return true;
}

function nextService(
  current: ServiceRecord,
  { spec, isNew }: { readonly spec: ServiceSpec; readonly isNew: boolean },
  now: number,
): ServiceRecord {
  if (!isNew && isDeepStrictEqual(current.spec, spec)) {
    return current;
  }
  const revisionCount = current.revisionCount + (isNew ? 1 : 0);
  return {
    ...current,
    spec,
    generation: current.generation + 1,
    version: current.version + 1,
    updateTime: now,
    transitionTime: now,
    reconciling: true,
    failure: null,
    revisionCount,
    ...(isNew ? { latestCreated: revisionName(current, { spec, revisionCount }) } : {}),
  };
}

/** The name asked for, or `<service>-NNNNN-xyz`. */
function revisionName(
  { name, uid }: ServiceRecord,
  { spec, revisionCount }: Pick<ServiceRecord, "spec" | "revisionCount">,
): string {
  const number = String(revisionCount).padStart(SEQUENCE_DIGITS, "0");
  const suffix = suffixFor(`${uid}/${revisionCount}`, SUFFIX_LENGTH);
  const id = spec.template?.revision ?? `${idOf(name)}-${number}-${suffix}`;
  return `${name}/revisions/${id}`;
}

function firstRecord(name: string, now: number): ServiceRecord {
  return {
    name,
    uid: uidFor(`${name}@${now}`),
    createTime: now,
    updateTime: now,
    version: 0,
    generation: 0,
    observedGeneration: 0,
    spec: {},
    revisionCount: 0,
    latestCreated: "",
    latestReady: null,
    stable: null,
    served: [],
    reconciling: true,
    transitionTime: now,
    failure: null,
  };
}
