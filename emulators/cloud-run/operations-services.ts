import { applyFieldMask } from "../kit/field-mask.ts";
import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { etagFor } from "./identity.ts";
import { finishedOperation } from "./long-running.ts";
import { checkId, checkName, idOf, isChildOf, parsePlace, placeName } from "./names.ts";
import { toSpec } from "./service-spec.ts";
import { deletedServiceView, serviceView } from "./service-view.ts";
import { writeService } from "./service-write.ts";
import { type CloudRun, revisionsOf, type ServiceRecord } from "./state.ts";
import type { Service, ServiceSpec } from "./wire.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** The form of a service's name. */
export const SERVICE_NAME = "projects/*/locations/*/services/*";

/** What a caller sends as a service: what may be set, and what it read before. */
type ServiceInput = ServiceSpec & { readonly name?: string; readonly etag?: string };

/**
 * CreateService.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/create
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function createService(
  run: CloudRun,
  request: {
    readonly parent?: string;
    readonly serviceId?: string;
    readonly service?: ServiceInput;
    readonly validateOnly?: boolean;
  },
  now: number,
): Operation {
  const parent = placeName(parsePlace(request.parent));
  const name = `${parent}/services/${checkId("service_id", request.serviceId)}`;
  if (run.state.services.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${idOf(name)}' already exists.`);
  }
  const spec = toSpec(request.service ?? {});
  return writeService(run, { name, spec, validateOnly: request.validateOnly ?? false }, now);
}

/**
 * UpdateService: without a mask everything that an owner sets is replaced. A changed template makes a
 * new revision, which gets traffic only if the service's traffic goes to the latest.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/patch
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS for a revision's name that is taken,
 * ABORTED for an etag that is out of date
 */
export function updateService(
  run: CloudRun,
  request: {
    readonly service?: ServiceInput;
    readonly updateMask?: string;
    readonly validateOnly?: boolean;
    readonly allowMissing?: boolean;
  },
  now: number,
): Operation {
  const input = request.service ?? {};
  const name = checkName(input.name, SERVICE_NAME);
  const current = run.state.services.get(name);
  if (current === undefined && request.allowMissing !== true) {
    throw notFound(name);
  }
  checkEtag(current, input.etag);
  const mask = request.updateMask ?? "";
  const isWhole = mask === "" || mask === "*";
  const patch = toSpec(input);
  const spec = isWhole ? patch : toSpec(applyFieldMask(current?.spec ?? {}, patch, mask));
  return writeService(run, { name, spec, validateOnly: request.validateOnly ?? false }, now);
}

/**
 * GetService.
 * @throws GoogleError NOT_FOUND
 */
export function getService(run: CloudRun, request: { readonly name?: string }): Service {
  return serviceView(run, findService(run, request.name));
}

/** ListServices: newest first. */
export function listServices(
  run: CloudRun,
  request: PageRequest & { readonly parent?: string },
): { readonly services: readonly Service[]; readonly nextPageToken: string } {
  const parent = placeName(parsePlace(request.parent));
  const found = [...run.state.services.values()]
    .filter(({ name }) => isChildOf(name, parent))
    .toReversed();
  const page = paginate(found, request, PAGE_LIMITS);
  const services = page.items.map((service) => serviceView(run, service));
  return { services, nextPageToken: page.nextPageToken };
}

/**
 * DeleteService: the service and all its revisions are gone when it answers.
 * @throws GoogleError NOT_FOUND, ABORTED for an etag that is out of date
 */
export function deleteService(
  run: CloudRun,
  request: { readonly name?: string; readonly validateOnly?: boolean; readonly etag?: string },
  now: number,
): Operation {
  const service = findService(run, request.name);
  checkEtag(service, request.etag);
  const target = service.name;
  const isReal = request.validateOnly !== true;
  const response = isReal ? deletedServiceView(run, service, now) : serviceView(run, service);
  if (isReal) {
    for (const revision of revisionsOf(run.state, target)) {
      run.state.revisions.delete(revision.name);
    }
    run.state.services.delete(target);
    run.keeper.forget(target);
  }
  return finishedOperation(run, { target, kind: "Service", response, stored: isReal }, now);
}

/**
 * A service by its name.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function findService(run: CloudRun, name: string | undefined): ServiceRecord {
  const service = run.state.services.get(checkName(name, SERVICE_NAME));
  if (service === undefined) {
    throw notFound(name ?? "");
  }
  return service;
}

/**
 * Refuses a change based on an older version of a resource. No etag, or an empty one, is not checked.
 * @throws GoogleError ABORTED
 */
function checkEtag(current: ServiceRecord | undefined, etag: string | undefined): void {
  const actual = current === undefined ? "" : etagFor(current.name, current.version);
  if (current !== undefined && (etag ?? "") !== "" && etag !== actual) {
    throw googleError(
      "ABORTED",
      `Conflict for resource '${idOf(current.name)}': version '${etag ?? ""}' was specified but current version is '${actual}'.`,
    );
  }
}

function notFound(name: string): Error {
  return googleError(
    "NOT_FOUND",
    `Resource '${idOf(name)}' of kind 'SERVICE' in region '${name.split("/")[3] ?? ""}' in project '${name.split("/")[1] ?? ""}' does not exist.`,
  );
}
