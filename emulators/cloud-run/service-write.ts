import { isDeepStrictEqual } from "node:util";
import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { uidFor } from "./identity.ts";
import { beginOperation, finishedOperation } from "./long-running.ts";
import { idOf } from "./names.ts";
import { reconcileServices } from "./reconcile.ts";
import { revisionName, startRevision } from "./revision-start.ts";
import { checkSpec, withDefaults } from "./service-spec.ts";
import { isRetired, serviceView } from "./service-view.ts";
import { type CloudRun, revisionOf, revisionsOf, type ServiceRecord } from "./state.ts";
import type { RevisionTemplate, ServiceSpec } from "./wire.ts";

/**
 * How many revisions a service has at most.
 * Source: https://cloud.google.com/run/quotas
 */
const REVISIONS_MAX = 1000;

/** A service as it is to be. */
type ServiceWrite = {
  readonly name: string;
  readonly spec: ServiceSpec;
  readonly validateOnly?: boolean;
  /** Makes a new revision even of a template that did not change. */
  readonly newRevision?: boolean;
};

/**
 * Creates a service or gives an existing one a new specification.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS for a revision's name that is taken
 */
export function writeService(run: CloudRun, write: ServiceWrite, now: number): Operation {
  const spec = withDefaults(write.spec);
  checkSpec(idOf(write.name), write.spec);
  const current = run.state.services.get(write.name);
  const template = spec.template ?? {};
  const isNew =
    write.newRevision === true || needsRevision(run, { name: write.name, current, template });
  const next = nextService(current, { name: write.name, spec, isNew }, now);
  if (write.validateOnly === true) {
    const response = serviceView(run, next);
    return finishedOperation(
      run,
      { target: next.name, kind: "Service", response, stored: false },
      now,
    );
  }
  if (isNew) {
    const revision = startRevision(run, causeOf(next, template), now);
    run.state.revisions.set(revision.name, revision);
    forgetOldRevisions(run, next);
  }
  run.state.services.set(next.name, next);
  reconcileServices(run, now);
  return beginOperation(run, next.name, now);
}

/** Of more than a service may have, the oldest revisions that serve nothing are deleted. */
function forgetOldRevisions(run: CloudRun, service: ServiceRecord): void {
  const revisions = revisionsOf(run.state, service.name);
  let surplus = revisions.length - REVISIONS_MAX;
  for (const revision of revisions) {
    if (surplus <= 0) {
      return;
    }
    if (isRetired(revision, service)) {
      run.state.revisions.delete(revision.name);
      surplus -= 1;
    }
  }
}

function needsRevision(
  run: CloudRun,
  about: {
    readonly name: string;
    readonly current: ServiceRecord | undefined;
    readonly template: RevisionTemplate;
  },
): boolean {
  const { name, current, template } = about;
  if (current !== undefined && isDeepStrictEqual(current.spec.template, template)) {
    return false;
  }
  const { revision } = template;
  if (revision !== undefined && revisionOf(run.state, name, revision) !== undefined) {
    throw googleError(
      "ALREADY_EXISTS",
      `Revision named '${revision}' with different configuration already exists.`,
    );
  }
  return true;
}

function nextService(
  current: ServiceRecord | undefined,
  change: { readonly name: string; readonly spec: ServiceSpec; readonly isNew: boolean },
  now: number,
): ServiceRecord {
  const { name, spec, isNew } = change;
  const base = current ?? firstRecord(name, now);
  if (!isNew && isDeepStrictEqual(base.spec, spec)) {
    return base;
  }
  const next = {
    ...base,
    spec,
    generation: base.generation + 1,
    version: base.version + 1,
    updateTime: now,
    transitionTime: now,
    reconciling: true,
    failure: null,
    revisionCount: base.revisionCount + (isNew ? 1 : 0),
  };
  return isNew ? { ...next, latestCreated: newRevisionName(next) } : next;
}

function newRevisionName(service: ServiceRecord): string {
  const cause = causeOf(service, service.spec.template ?? {});
  return `${service.name}/revisions/${revisionName(cause)}`;
}

function causeOf(
  service: ServiceRecord,
  template: RevisionTemplate,
): Parameters<typeof startRevision>[1] {
  return {
    service: service.name,
    serviceUid: service.uid,
    id: idOf(service.name),
    sequence: service.revisionCount,
    template,
  };
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
