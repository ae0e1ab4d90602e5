import { randomUUID } from "node:crypto";
import { z } from "zod";
import { permissionDenied } from "../kit/access/guard.ts";
import { serviceTitle } from "../kit/access/service-titles.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { KnownProject } from "../kit/projects.ts";
import { agentOf } from "./agents.ts";
import { isOn, type ServiceUsage } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 50, maxSize: 200 };

/** Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable and batchGet */
const ENABLED_AT_ONCE_MAX = 20;

/** What a call that changes nothing is answered with. */
const NOTHING_TO_DO = "operations/noop.DONE_OPERATION";

/** What names something. */
export const ByName = z.strictObject({ name: z.string() });
/** What names something. */
export type ByName = z.infer<typeof ByName>;

/** ListServices */
export const ListServices = z.strictObject({
  parent: z.string(),
  filter: z.string().default(""),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});
/** ListServices */
export type ListServices = z.infer<typeof ListServices>;

/** BatchEnableServices */
export const BatchEnable = z.strictObject({
  parent: z.string(),
  serviceIds: z.array(z.string()).default([]),
});
/** BatchEnableServices */
export type BatchEnable = z.infer<typeof BatchEnable>;

/** DisableService */
export const Disable = ByName.extend({
  disableDependentServices: z.boolean().optional(),
  checkIfServiceHasUsage: z.string().optional(),
});
/** DisableService */
export type Disable = z.infer<typeof Disable>;

/** GenerateServiceIdentity */
export const GenerateIdentity = z.strictObject({ parent: z.string() });
/** GenerateServiceIdentity */
export type GenerateIdentity = z.infer<typeof GenerateIdentity>;

/** GetService. @throws GoogleError PERMISSION_DENIED for a service or project that is not there */
export function getService(usage: ServiceUsage, request: ByName): unknown {
  const { project, service } = locate(usage, request.name);
  return toResource(usage, project, service);
}

/** ListServices, with the filter `state:ENABLED` or `state:DISABLED`. @throws GoogleError INVALID_ARGUMENT */
export function listServices(usage: ServiceUsage, request: ListServices): unknown {
  const { parent, filter, ...page } = request;
  const project = requireProject(usage, parent);
  const [, wanted] = /^state:\s*(ENABLED|DISABLED)$/.exec(filter.trim()) ?? [];
  if (filter.trim() !== "" && wanted === undefined) {
    throw badRequest("filter", "The filter must be state:ENABLED or state:DISABLED.");
  }
  const services = usage
    .services()
    .filter(
      (service) => wanted === undefined || isOn(usage, project, service) === (wanted === "ENABLED"),
    );
  const { items, nextPageToken } = paginate(services, page, PAGE_LIMITS);
  return {
    services: items.map((service) => toResource(usage, project, service)),
    ...(nextPageToken !== "" && { nextPageToken }),
  };
}

/** EnableService. @throws GoogleError PERMISSION_DENIED, FAILED_PRECONDITION without billing */
export function enable(usage: ServiceUsage, request: ByName): unknown {
  const { project, service } = locate(usage, request.name);
  const isNew = turnOn(usage, project, [service]);
  const response = {
    "@type": "type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse",
    service: toResource(usage, project, service),
  };
  return isNew ? begun(usage, project, response) : nothingToDo(response);
}

/** BatchEnableServices: all or none. @throws GoogleError INVALID_ARGUMENT, PERMISSION_DENIED, FAILED_PRECONDITION */
export function batchEnable(usage: ServiceUsage, request: BatchEnable): unknown {
  const { parent, serviceIds } = request;
  if (serviceIds.length === 0 || serviceIds.length > ENABLED_AT_ONCE_MAX) {
    const reason = `Between 1 and ${ENABLED_AT_ONCE_MAX} services can be enabled at once, not ${serviceIds.length}.`;
    throw badRequest("service_ids", reason);
  }
  const project = requireProject(usage, parent);
  serviceIds.forEach((service) => requireService(usage, service));
  const isNew = turnOn(usage, project, serviceIds);
  const response = {
    "@type": "type.googleapis.com/google.api.serviceusage.v1.BatchEnableServicesResponse",
    services: serviceIds.map((service) => toResource(usage, project, service)),
  };
  return isNew ? begun(usage, project, response) : nothingToDo(response);
}

/** DisableService. @throws GoogleError PERMISSION_DENIED, FAILED_PRECONDITION for one that is not enabled */
export function disable(usage: ServiceUsage, request: Disable): unknown {
  const { project, service } = locate(usage, request.name);
  if (!isOn(usage, project, service)) {
    throw googleError(
      "FAILED_PRECONDITION",
      `The service ${service} is not enabled for project ${project.number}.`,
    );
  }
  usage.state.services.set(`projects/${project.projectId}/services/${service}`, {
    enabledMs: null,
  });
  return begun(usage, project, {
    "@type": "type.googleapis.com/google.api.serviceusage.v1.DisableServiceResponse",
    service: toResource(usage, project, service),
  });
}

/**
 * GenerateServiceIdentity of version 1beta1: from then on the service's agent may be named in policies.
 * @throws GoogleError PERMISSION_DENIED, INVALID_ARGUMENT for a service without one
 */
export function generateIdentity(usage: ServiceUsage, request: GenerateIdentity): unknown {
  const { project, service } = locate(usage, request.parent);
  const email = agentOf(service, project.number);
  if (email === null) {
    throw badRequest("parent", `Service ${service} has no service identity.`);
  }
  usage.state.agents.set(email, true);
  return begun(usage, project, {
    "@type": "type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity",
    email,
    uniqueId: `1${project.number}${String(email.length).padStart(8, "0")}`,
  });
}

/** GetOperation. @throws GoogleError NOT_FOUND */
export function getOperation(usage: ServiceUsage, request: ByName): unknown {
  const { name } = request;
  const operation = usage.state.operations.get(name);
  if (operation === undefined) {
    throw googleError("NOT_FOUND", `Operation ${name} not found.`);
  }
  return { name, done: true, response: operation.response };
}

function turnOn(usage: ServiceUsage, project: KnownProject, services: readonly string[]): boolean {
  const missing = services.filter((service) => !isOn(usage, project, service));
  if (missing.length > 0 && project.billingAccount === null) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Billing account for project '${project.number}' is not found. Billing must be enabled for activation of service(s) '${missing.join(",")}' to proceed.`,
      [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "UREQ_PROJECT_BILLING_NOT_FOUND",
          domain: "serviceusage.googleapis.com",
          metadata: { services: missing.join(",") },
        },
      ],
    );
  }
  for (const service of missing) {
    const name = `projects/${project.projectId}/services/${service}`;
    usage.state.services.set(name, { enabledMs: usage.clock.now() });
  }
  return missing.length > 0;
}

function nothingToDo(response: object): unknown {
  return { name: NOTHING_TO_DO, done: true, response };
}

/** An operation that is under way when it is answered and done when it is asked for. */
function begun(usage: ServiceUsage, project: KnownProject, response: object): unknown {
  const name = `operations/acf.p2-${project.number}-${randomUUID()}`;
  usage.state.operations.set(name, { name, response });
  return { name };
}

function locate(
  usage: ServiceUsage,
  name: string,
): { readonly project: KnownProject; readonly service: string } {
  const [, parent = "", service = ""] = /^projects\/([^/]+)\/services\/([^/]+)$/.exec(name) ?? [];
  return { project: requireProject(usage, parent), service: requireService(usage, service) };
}

function requireProject({ projects }: ServiceUsage, name: string): KnownProject {
  const project = projects.find(name);
  if (project === null) {
    const resource = name.startsWith("projects/") ? name : `projects/${name}`;
    throw permissionDenied(
      { permission: "serviceusage.services.get", resource },
      "serviceusage.googleapis.com",
    );
  }
  return project;
}

function requireService(usage: ServiceUsage, service: string): string {
  if (usage.services().includes(service)) {
    return service;
  }
  throw googleError(
    "PERMISSION_DENIED",
    `Not found or permission denied for service(s): ${service}.`,
    [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED",
        domain: "serviceusage.googleapis.com",
        metadata: { services: service },
      },
    ],
  );
}

function toResource(usage: ServiceUsage, project: KnownProject, service: string): unknown {
  return {
    name: `projects/${project.number}/services/${service}`,
    config: { name: service, title: serviceTitle(service) },
    state: isOn(usage, project, service) ? "ENABLED" : "DISABLED",
    parent: `projects/${project.number}`,
  };
}
