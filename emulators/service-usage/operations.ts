import { randomUUID } from "node:crypto";
import { z } from "zod";
import { permissionDenied } from "../kit/access/guard.ts";
import { serviceTitle } from "../kit/access/service-titles.ts";
import type { Message } from "../kit/call.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { KnownProject } from "../kit/projects.ts";
import { agentOf } from "./agents.ts";
import { isOn, type ServiceUsage } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 50, maxSize: 200 };

/** Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable and batchGet */
const ENABLED_AT_ONCE_MAX = 20;
const READ_AT_ONCE_MAX = 30;

/** What a call that changes nothing is answered with. */
const NOTHING_TO_DO = "operations/noop.DONE_OPERATION";

const Ids = z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]);

const Requests = {
  named: z.object({ name: z.string() }),
  list: z.object({
    parent: z.string(),
    filter: z.string().default(""),
    pageSize: z.coerce.number().optional(),
    pageToken: z.string().optional(),
  }),
  many: z.object({ parent: z.string(), names: Ids }),
  enabling: z.object({ parent: z.string(), serviceIds: Ids }),
  identity: z.object({ parent: z.string() }),
};

/** GetService. @throws GoogleError PERMISSION_DENIED for a service or project that is not there */
export function getService(usage: ServiceUsage, request: Message): unknown {
  const { project, service } = locate(usage, parse(Requests.named, request).name);
  return toResource(usage, project, service);
}

/** ListServices, with the filter `state:ENABLED` or `state:DISABLED`. @throws GoogleError INVALID_ARGUMENT */
export function listServices(usage: ServiceUsage, request: Message): unknown {
  const { parent, filter, ...page } = parse(Requests.list, request);
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

/** BatchGetServices: names as in GetService. @throws GoogleError INVALID_ARGUMENT, PERMISSION_DENIED */
export function batchGet(usage: ServiceUsage, request: Message): unknown {
  const { names } = parse(Requests.many, request);
  if (names.length > READ_AT_ONCE_MAX) {
    throw badRequest("names", `At most ${READ_AT_ONCE_MAX} services can be read at once.`);
  }
  const services = names.map((name) => {
    const { project, service } = locate(usage, name);
    return toResource(usage, project, service);
  });
  return { services };
}

/** EnableService. @throws GoogleError PERMISSION_DENIED, FAILED_PRECONDITION without billing */
export function enable(usage: ServiceUsage, request: Message): unknown {
  const { project, service } = locate(usage, parse(Requests.named, request).name);
  const isNew = turnOn(usage, project, [service]);
  const response = {
    "@type": "type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse",
    service: toResource(usage, project, service),
  };
  return isNew ? begun(usage, project, response) : nothingToDo(response);
}

/** BatchEnableServices: all or none. @throws GoogleError INVALID_ARGUMENT, PERMISSION_DENIED, FAILED_PRECONDITION */
export function batchEnable(usage: ServiceUsage, request: Message): unknown {
  const { parent, serviceIds } = parse(Requests.enabling, request);
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
export function disable(usage: ServiceUsage, request: Message): unknown {
  const { project, service } = locate(usage, parse(Requests.named, request).name);
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
export function generateIdentity(usage: ServiceUsage, request: Message): unknown {
  const { project, service } = locate(usage, parse(Requests.identity, request).parent);
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
export function getOperation(usage: ServiceUsage, request: Message): unknown {
  const { name } = parse(Requests.named, request);
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

function parse<Schema extends z.ZodType>(schema: Schema, request: Message): z.infer<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) {
    return parsed.data;
  }
  const field = parsed.error.issues[0]?.path.join(".") ?? "";
  throw badRequest(field, `Invalid value at "${field}".`);
}
