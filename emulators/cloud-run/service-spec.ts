import { badRequest } from "../kit/google-error.ts";
import { checkContainers, checkRange } from "./container-rules.ts";
import { checkMetadata } from "./metadata-rules.ts";
import { withDefaultLimits } from "./resource-limits.ts";
import { ALL_TO_LATEST, checkTraffic } from "./traffic.ts";
import type { Container, RevisionTemplate, ServiceSpec } from "./wire.ts";

const DESCRIPTION_MAX_CHARACTERS = 512;
const CONCURRENCY_MAX = 1000;
const TIMEOUT_MAX_SECONDS = 3600;

const REVISION = /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/;

const DEFAULT_PORT = 8080;
const DEFAULT_CONCURRENCY = 80;
const DEFAULT_TIMEOUT = "300s";
const DEFAULT_MAX_INSTANCES = 100;

/** What a target says that does not name a revision. */
const TO_LATEST = { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" } as const;

/**
 * Fills in what the API fills in: the port, limits, concurrency, timeout, ingress, launch stage and
 * traffic.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function withDefaults(spec: ServiceSpec): ServiceSpec {
  const { template = {}, traffic = [] } = spec;
  const { containers = [] } = template;
  return {
    ingress: "INGRESS_TRAFFIC_ALL",
    launchStage: "GA",
    ...spec,
    template: {
      maxInstanceRequestConcurrency: DEFAULT_CONCURRENCY,
      timeout: DEFAULT_TIMEOUT,
      ...template,
      scaling: { maxInstanceCount: DEFAULT_MAX_INSTANCES, ...template.scaling },
      containers: containers.map((container) => containerWithDefaults(container, containers)),
    },
    traffic:
      traffic.length > 0
        ? traffic.map((target) => Object.assign({}, TO_LATEST, target))
        : ALL_TO_LATEST,
  };
}

function containerWithDefaults(container: Container, all: readonly Container[]): Container {
  const limited = withDefaultLimits({
    resources: { cpuIdle: true, startupCpuBoost: true },
    ...container,
  });
  const [port] = container.ports ?? (all.length === 1 ? [{}] : []);
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
  checkMetadata("service", spec);
  if (spec.template === undefined) {
    throw badRequest("service.template", "template must be set");
  }
  checkTemplate(id, spec.template);
  const { traffic = [] } = spec;
  checkTraffic("service.traffic", traffic.length > 0 ? traffic : ALL_TO_LATEST);
}

function checkTemplate(id: string, template: RevisionTemplate): void {
  const field = "service.template";
  const { revision, timeout = "0s" } = template;
  checkMetadata(field, template);
  checkContainers(field, template, { needsPort: true });
  if (revision !== undefined && !(revision.startsWith(`${id}-`) && REVISION.test(revision))) {
    throw badRequest(
      `${field}.revision`,
      `"${revision}" must begin with "${id}-", use only lowercase letters, digits and hyphens and have at most 63 characters`,
    );
  }
  checkRange(`${field}.timeout`, Number.parseFloat(timeout), [0, TIMEOUT_MAX_SECONDS]);
  checkScaling(field, template);
}

function checkScaling(field: string, template: RevisionTemplate): void {
  const { maxInstanceRequestConcurrency = 0, scaling = {} } = template;
  checkRange(`${field}.maxInstanceRequestConcurrency`, maxInstanceRequestConcurrency, [
    0,
    CONCURRENCY_MAX,
  ]);
  const { minInstanceCount = 0, maxInstanceCount = DEFAULT_MAX_INSTANCES } = scaling;
  checkRange(`${field}.scaling.minInstanceCount`, minInstanceCount, [0, maxInstanceCount]);
}
