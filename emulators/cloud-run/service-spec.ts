import { badRequest } from "../kit/google-error.ts";
import { checkContainers } from "./container-rules.ts";
import { checkAnnotations, checkLabels } from "./metadata-rules.ts";
import { withDefaultLimits } from "./resource-limits.ts";
import { checkTraffic, trafficOf } from "./traffic.ts";
import type { Container, RevisionTemplate, Scaling, ServiceSpec } from "./wire.ts";

const DESCRIPTION_MAX_CHARACTERS = 512;
const CONCURRENCY_MAX = 1000;
const TIMEOUT_MAX_SECONDS = 3600;

const DEFAULT_PORT = 8080;
const DEFAULT_CONCURRENCY = 80;
const DEFAULT_TIMEOUT = "300s";
const DEFAULT_MAX_INSTANCES = 100;

const SPEC_FIELDS = [
  "description",
  "labels",
  "annotations",
  "client",
  "clientVersion",
  "ingress",
  "launchStage",
  "binaryAuthorization",
  "template",
  "traffic",
  "scaling",
  "invokerIamDisabled",
  "defaultUriDisabled",
  "iapEnabled",
  "multiRegionSettings",
  "customAudiences",
  "buildConfig",
] as const;

/** Only the fields that an owner sets; output-only ones that a client sends back are ignored. */
export function toSpec(service: ServiceSpec): ServiceSpec {
  return Object.fromEntries(
    SPEC_FIELDS.flatMap((field) =>
      service[field] === undefined ? [] : [[field, service[field]] as const],
    ),
  );
}

/**
 * Fills in what the API fills in: the port, limits, concurrency, timeout, ingress, launch stage and
 * traffic.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function withDefaults(spec: ServiceSpec): ServiceSpec {
  return {
    ingress: "INGRESS_TRAFFIC_ALL",
    launchStage: "GA",
    ...spec,
    template: templateWithDefaults(spec.template ?? {}),
    traffic: trafficOf(spec),
  };
}

function templateWithDefaults(template: RevisionTemplate): RevisionTemplate {
  const containers = template.containers ?? [];
  return {
    maxInstanceRequestConcurrency: DEFAULT_CONCURRENCY,
    timeout: DEFAULT_TIMEOUT,
    ...template,
    scaling: { maxInstanceCount: DEFAULT_MAX_INSTANCES, ...template.scaling },
    containers: containers.map((container) => containerWithDefaults(container, containers.length)),
  };
}

function containerWithDefaults(container: Container, count: number): Container {
  const resources = container.resources ?? { cpuIdle: true, startupCpuBoost: true };
  const limited = {
    ...container,
    resources: { ...resources, limits: withDefaultLimits(resources.limits) },
  };
  const [port] = container.ports ?? (count === 1 ? [{}] : []);
  const ports = [{ name: "http1", containerPort: DEFAULT_PORT, ...port }];
  return port === undefined ? limited : { ...limited, ports };
}

/**
 * Checks everything that can be known about a service without looking at others.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 * @throws GoogleError INVALID_ARGUMENT that names the first field at fault.
 */
export function checkSpec(id: string, spec: ServiceSpec): void {
  if ((spec.description ?? "").length > DESCRIPTION_MAX_CHARACTERS) {
    throw badRequest(
      "service.description",
      `description must not be longer than ${DESCRIPTION_MAX_CHARACTERS} characters`,
    );
  }
  checkLabels("service.labels", spec.labels);
  checkAnnotations("service.annotations", spec.annotations);
  if (spec.template === undefined) {
    throw badRequest("service.template", "template must be set");
  }
  checkTemplate(id, spec.template);
  checkTraffic("service.traffic", spec);
}

function checkTemplate(id: string, template: RevisionTemplate): void {
  const field = "service.template";
  const { revision, containers, volumes } = template;
  checkLabels(`${field}.labels`, template.labels);
  checkAnnotations(`${field}.annotations`, template.annotations);
  checkContainers({ field, use: "service", containers, volumes });
  if (revision !== undefined && !isRevisionName(id, revision)) {
    throw badRequest(
      `${field}.revision`,
      `"${revision}" must begin with "${id}-", use only lowercase letters, digits and hyphens and have at most 63 characters`,
    );
  }
  checkLimitsOfTemplate(field, template);
}

function checkLimitsOfTemplate(field: string, template: RevisionTemplate): void {
  const concurrency = template.maxInstanceRequestConcurrency ?? 0;
  if (concurrency < 0 || concurrency > CONCURRENCY_MAX) {
    throw badRequest(
      `${field}.maxInstanceRequestConcurrency`,
      `maxInstanceRequestConcurrency must be from 0 to ${CONCURRENCY_MAX}, not ${concurrency}`,
    );
  }
  const seconds = Number.parseFloat(template.timeout ?? "0s");
  if (!(seconds >= 0 && seconds <= TIMEOUT_MAX_SECONDS)) {
    throw badRequest(
      `${field}.timeout`,
      `timeout must be from 0s to ${TIMEOUT_MAX_SECONDS}s, not ${template.timeout ?? ""}`,
    );
  }
  checkScaling(`${field}.scaling`, template.scaling ?? {});
}

function checkScaling(field: string, scaling: Scaling): void {
  const { minInstanceCount = 0, maxInstanceCount = DEFAULT_MAX_INSTANCES } = scaling;
  if (minInstanceCount < 0 || minInstanceCount > maxInstanceCount) {
    throw badRequest(
      `${field}.minInstanceCount`,
      "minInstanceCount must not be negative or larger than maxInstanceCount",
    );
  }
}

function isRevisionName(id: string, name: string): boolean {
  return name.startsWith(`${id}-`) && /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/.test(name);
}
