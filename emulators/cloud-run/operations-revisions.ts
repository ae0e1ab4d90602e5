import { toTimestamp } from "../kit/clock.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { type PageRequest, paginate } from "../kit/page.ts";

import { finishedOperation } from "./long-running.ts";
import { ANY, checkName, idOf, isChildOf } from "./names.ts";
import { findService, SERVICE_NAME } from "./operations-services.ts";
import { isRetired, revisionView } from "./service-view.ts";
import type { CloudRun, RevisionRecord } from "./state.ts";
import type { Revision } from "./wire.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };
const REVISION_NAME = `${SERVICE_NAME}/revisions/*`;

/**
 * GetRevision. The service in the name may be `-`, since a revision's name is unique in its place.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function getRevision(run: CloudRun, request: { readonly name?: string }): Revision {
  return view(run, findRevision(run, request.name));
}

/**
 * ListRevisions of one service, or with `services/-` of all in the location: newest first.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.revisions/list
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND for a service that does not exist
 */
export function listRevisions(
  run: CloudRun,
  request: PageRequest & { readonly parent?: string },
): { readonly revisions: readonly Revision[]; readonly nextPageToken: string } {
  const parent = checkName(request.parent, SERVICE_NAME);
  if (idOf(parent) !== ANY) {
    findService(run, parent);
  }
  const found = [...run.state.revisions.values()]
    .filter(({ name }) => isChildOf(name, parent))
    .toReversed()
    .toSorted((one, other) => other.createTime - one.createTime);
  const page = paginate(found, request, PAGE_LIMITS);
  return {
    revisions: page.items.map((revision) => view(run, revision)),
    nextPageToken: page.nextPageToken,
  };
}

/**
 * DeleteRevision: only of a revision that serves nothing, has no tag and is not the newest.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, ABORTED for an old etag
 */
export function deleteRevision(
  run: CloudRun,
  request: { readonly name?: string; readonly validateOnly?: boolean; readonly etag?: string },
  now: number,
): Operation {
  const revision = findRevision(run, request.name);
  const before = view(run, revision);
  const target = revision.name;
  if ((request.etag ?? "") !== "" && request.etag !== before.etag) {
    throw googleError(
      "ABORTED",
      `Conflict for resource '${idOf(target)}': the etag is out of date.`,
    );
  }
  if (!isRetired(revision, run.state.services.get(revision.service))) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Revision '${idOf(target)}' cannot be deleted: it has traffic or a tag, or is the latest of its service.`,
    );
  }
  const stored = request.validateOnly !== true;
  if (stored) {
    run.state.revisions.delete(target);
  }
  const response = stored ? { ...before, deleteTime: toTimestamp(now) } : before;
  return finishedOperation(run, { target, kind: "Revision", response, stored }, now);
}

/**
 * A revision by its full name.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function findRevision(run: CloudRun, name: string | undefined): RevisionRecord {
  const wanted = checkName(name, REVISION_NAME);
  if (idOf(wanted) === ANY) {
    throw badRequest("name", "A single revision must be named");
  }
  const found = run.state.revisions.get(wanted) ?? findAnywhere(run, wanted);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `Resource '${idOf(wanted)}' of kind 'REVISION' does not exist.`);
  }
  return found;
}

function findAnywhere(run: CloudRun, wanted: string): RevisionRecord | undefined {
  return wanted.includes(`/services/${ANY}/`)
    ? [...run.state.revisions.values()].find(
        ({ name }) =>
          idOf(name) === idOf(wanted) && isChildOf(name, wanted.split("/services/")[0] ?? ""),
      )
    : undefined;
}

function view(run: CloudRun, revision: RevisionRecord): Revision {
  return revisionView(revision, run.state.services.get(revision.service));
}
