import { randomUUID } from "node:crypto";
import { z } from "zod";
import { permissionDenied } from "../kit/access/guard.ts";
import { anybodyKnown, needs } from "../kit/access/rules.ts";
import { knownServices, serviceTitle } from "../kit/access/service-titles.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { KnownProject } from "../kit/projects.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { agentOf } from "./agents.ts";
import { isOn, keyOf, type ServiceUsage } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 50, maxSize: 200 };

/** Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable */
const ENABLED_AT_ONCE_MAX = 20;

/** What a call that changes nothing is answered with. */
const NOTHING_TO_DO = "operations/noop.DONE_OPERATION";

const API = "google.api.serviceusage.v1";
const DOMAIN = "serviceusage.googleapis.com";
const SERVICE = "/v1/{name=projects/*/services/*}";
const SERVICES = "/v1/{parent=projects/*}/services";

/** Source: https://cloud.google.com/service-usage/docs/access-control#permissions */
const ENABLE = "serviceusage.services.enable";

const ByName = z.strictObject({ name: z.string() });
const ByParent = z.strictObject({ parent: z.string() });
const List = ByParent.extend({
  filter: z.string().default(""),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});
const Batch = ByParent.extend({ serviceIds: z.array(z.string()).default([]) });
const Disable = ByName.extend({
  disableDependentServices: z.boolean().optional(),
  checkIfServiceHasUsage: z.string().optional(),
});

/** Every method, as the kit serves it. */
export function toMethods(usage: ServiceUsage): readonly RestMethod[] {
  const getting = taking(ByName, ({ name }) => getOperation(usage, name));
  return [
    {
      name: `${API}.ServiceUsage/GetService`,
      at: ["GET", SERVICE],
      needs: needs("serviceusage.services.get", "name"),
      takes: taking(ByName, ({ name }) => {
        const { project, service } = locate(usage, name);
        return toResource(usage, project, service);
      }),
    },
    {
      name: `${API}.ServiceUsage/ListServices`,
      at: ["GET", SERVICES],
      needs: needs("serviceusage.services.list", "parent"),
      takes: taking(List, (request) => list(usage, request)),
    },
    {
      name: `${API}.ServiceUsage/EnableService`,
      at: ["POST", `${SERVICE}:enable`],
      needs: needs(ENABLE, "name"),
      takes: taking(ByName, ({ name }) => enable(usage, name)),
    },
    {
      name: `${API}.ServiceUsage/DisableService`,
      at: ["POST", `${SERVICE}:disable`],
      needs: needs("serviceusage.services.disable", "name"),
      takes: taking(Disable, ({ name }) => disable(usage, name)),
    },
    {
      name: `${API}.ServiceUsage/BatchEnableServices`,
      at: ["POST", `${SERVICES}:batchEnable`],
      needs: needs(ENABLE, "parent"),
      takes: taking(Batch, (request) => batchEnable(usage, request)),
    },
    {
      name: `${API}.ServiceUsage/GenerateServiceIdentity`,
      at: ["POST", "/v1beta1/{parent=projects/*/services/*}:generateServiceIdentity"],
      needs: needs(ENABLE, "parent"),
      takes: taking(ByParent, ({ parent }) => generateIdentity(usage, parent)),
    },
    {
      name: `${API}.ServiceUsage/GetOperation`,
      at: ["GET", "/v1/{name=operations/*}"],
      needs: anybodyKnown,
      takes: getting,
    },
    {
      name: `${API}.ServiceUsage/GetOperation`,
      at: ["GET", "/v1beta1/{name=operations/*}"],
      needs: anybodyKnown,
      takes: getting,
    },
  ];
}

/** With the filter `state:ENABLED` or `state:DISABLED`. */
function list(usage: ServiceUsage, { parent, filter, ...page }: z.infer<typeof List>): unknown {
  const project = requireProject(usage, parent);
  const [, wanted] = /^state:\s*(ENABLED|DISABLED)$/.exec(filter.trim()) ?? [];
  if (filter.trim() !== "" && wanted === undefined) {
    throw badRequest("filter", "The filter must be state:ENABLED or state:DISABLED.");
  }
  const services = knownServices().filter(
    (service) => wanted === undefined || isOn(usage, project, service) === (wanted === "ENABLED"),
  );
  const { items, nextPageToken } = paginate(services, page, PAGE_LIMITS);
  return {
    services: items.map((service) => toResource(usage, project, service)),
    ...(nextPageToken !== "" && { nextPageToken }),
  };
}

function enable(usage: ServiceUsage, name: string): unknown {
  const { project, service } = locate(usage, name);
  const isNew = turnOn(usage, project, [service]);
  return answer(usage, isNew ? project : null, {
    "@type": `type.googleapis.com/${API}.EnableServiceResponse`,
    service: toResource(usage, project, service),
  });
}

/** All or none. */
function batchEnable(usage: ServiceUsage, request: z.infer<typeof Batch>): unknown {
  const { parent, serviceIds } = request;
  if (serviceIds.length === 0 || serviceIds.length > ENABLED_AT_ONCE_MAX) {
    const reason = `Between 1 and ${ENABLED_AT_ONCE_MAX} services can be enabled at once, not ${serviceIds.length}.`;
    throw badRequest("service_ids", reason);
  }
  const project = requireProject(usage, parent);
  serviceIds.forEach(requireService);
  const isNew = turnOn(usage, project, serviceIds);
  return answer(usage, isNew ? project : null, {
    "@type": `type.googleapis.com/${API}.BatchEnableServicesResponse`,
    services: serviceIds.map((service) => toResource(usage, project, service)),
  });
}

function disable(usage: ServiceUsage, name: string): unknown {
  const { project, service } = locate(usage, name);
  if (!isOn(usage, project, service)) {
    throw googleError(
      "FAILED_PRECONDITION",
      `The service ${service} is not enabled for project ${project.number}.`,
    );
  }
  usage.enabled.set(keyOf(project, service), false);
  return answer(usage, project, {
    "@type": `type.googleapis.com/${API}.DisableServiceResponse`,
    service: toResource(usage, project, service),
  });
}

/** Of version 1beta1: from then on the service's agent may be named in policies. */
function generateIdentity(usage: ServiceUsage, parent: string): unknown {
  const { project, service } = locate(usage, parent);
  const email = agentOf(service, project.number);
  if (email === null) {
    throw badRequest("parent", `Service ${service} has no service identity.`);
  }
  usage.agents.set(email, true);
  return answer(usage, project, {
    "@type": "type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity",
    email,
    uniqueId: `1${project.number}${String(email.length).padStart(8, "0")}`,
  });
}

function getOperation({ operations }: ServiceUsage, name: string): unknown {
  const operation = operations.get(name);
  if (operation === undefined) {
    throw googleError("NOT_FOUND", `Operation ${name} not found.`);
  }
  return { name, done: true, response: operation.response };
}

/** Whether that enabled anything. @throws GoogleError FAILED_PRECONDITION where nobody pays */
function turnOn(usage: ServiceUsage, project: KnownProject, services: readonly string[]): boolean {
  const missing = services.filter((service) => !isOn(usage, project, service));
  if (missing.length > 0 && project.billingAccount === null) {
    const names = missing.join(",");
    throw googleError(
      "FAILED_PRECONDITION",
      `Billing account for project '${project.number}' is not found. Billing must be enabled for activation of service(s) '${names}' to proceed.`,
      [errorInfo("UREQ_PROJECT_BILLING_NOT_FOUND", names)],
    );
  }
  missing.forEach((service) => usage.enabled.set(keyOf(project, service), true));
  return missing.length > 0;
}

/** An operation that is under way when it is answered and done when it is asked for; of no project one that does nothing. */
function answer(usage: ServiceUsage, project: KnownProject | null, response: object): unknown {
  if (project === null) {
    return { name: NOTHING_TO_DO, done: true, response };
  }
  const name = `operations/acf.p2-${project.number}-${randomUUID()}`;
  usage.operations.set(name, { response });
  return { name };
}

function locate(
  usage: ServiceUsage,
  name: string,
): { readonly project: KnownProject; readonly service: string } {
  const [, parent = "", service = ""] = /^projects\/([^/]+)\/services\/([^/]+)$/.exec(name) ?? [];
  return { project: requireProject(usage, parent), service: requireService(service) };
}

function requireProject({ projects }: ServiceUsage, name: string): KnownProject {
  const project = projects.find(name);
  if (project === null) {
    const resource = name.startsWith("projects/") ? name : `projects/${name}`;
    throw permissionDenied({ permission: "serviceusage.services.get", resource }, DOMAIN);
  }
  return project;
}

function requireService(service: string): string {
  if (knownServices().includes(service)) {
    return service;
  }
  throw googleError(
    "PERMISSION_DENIED",
    `Not found or permission denied for service(s): ${service}.`,
    [errorInfo("SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED", service)],
  );
}

function errorInfo(reason: string, services: string): object {
  return {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason,
    domain: DOMAIN,
    metadata: { services },
  };
}

function toResource(usage: ServiceUsage, project: KnownProject, service: string): unknown {
  return {
    name: `projects/${project.number}/services/${service}`,
    config: { name: service, title: serviceTitle(service) },
    state: isOn(usage, project, service) ? "ENABLED" : "DISABLED",
    parent: `projects/${project.number}`,
  };
}
