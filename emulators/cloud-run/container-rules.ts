import { badRequest } from "../kit/google-error.ts";
import { checkLimits } from "./resource-limits.ts";
import type { Container, EnvironmentVariable, Probe, Volume } from "./wire.ts";

const CONTAINERS_MAX = 10;
const ENVIRONMENT_VALUE_MAX_BYTES = 32_768;
const PORT_MAX = 65_535;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Set by the platform itself, so nobody else may. */
const RESERVED_NAMES = new Set(["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"]);

const PROBE_MAX_SECONDS = { startup: 240, liveness: 3600 } as const;

/** What containers belong to: a service's template needs one with a port, a job's does not. */
type ContainerUse = "service" | "job";

/** The containers and volumes of a template, and where in the request they are. */
type ContainerSet = {
  readonly field: string;
  readonly use: ContainerUse;
  readonly containers: readonly Container[] | undefined;
  readonly volumes: readonly Volume[] | undefined;
};

/**
 * Checks the containers of a template.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Container
 * @throws GoogleError INVALID_ARGUMENT that names the field.
 */
export function checkContainers(set: ContainerSet): void {
  const containers = set.containers ?? [];
  if (containers.length === 0 || containers.length > CONTAINERS_MAX) {
    throw badRequest(
      `${set.field}.containers`,
      `There must be from 1 to ${CONTAINERS_MAX} containers, not ${containers.length}`,
    );
  }
  checkNames(`${set.field}.containers`, containers);
  checkPortCount(set, containers);
  const volumes = new Set((set.volumes ?? []).map((volume) => volume.name));
  for (const [index, container] of containers.entries()) {
    checkContainer(`${set.field}.containers[${index}]`, container, volumes);
  }
}

function checkNames(field: string, containers: readonly Container[]): void {
  const names = containers.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const wrong = names.find((name) => !DNS_LABEL.test(name));
  if (wrong !== undefined) {
    throw badRequest(`${field}.name`, `"${wrong}" is not a valid container name`);
  }
  if (new Set(names).size < names.length) {
    throw badRequest(`${field}.name`, "Container names must be unique");
  }
}

function checkPortCount(set: ContainerSet, containers: readonly Container[]): void {
  const withPort = containers.filter(({ ports }) => (ports ?? []).length > 0).length;
  const needed = set.use === "service" && containers.length > 1 ? 1 : 0;
  if (withPort > 1 || withPort < needed) {
    throw badRequest(
      `${set.field}.containers.ports`,
      "Exactly one of several containers must have a port",
    );
  }
}

function checkContainer(field: string, container: Container, volumes: ReadonlySet<string>): void {
  if ((container.image ?? "") === "") {
    throw badRequest(`${field}.image`, `${field}.image must not be empty`);
  }
  checkEnvironment(`${field}.env`, container.env ?? []);
  checkLimits(`${field}.resources.limits`, container.resources?.limits ?? {});
  checkPorts(`${field}.ports`, container);
  checkProbe(`${field}.startupProbe`, container.startupProbe, PROBE_MAX_SECONDS.startup);
  checkProbe(`${field}.livenessProbe`, container.livenessProbe, PROBE_MAX_SECONDS.liveness);
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    if (!volumes.has(mount.name)) {
      throw badRequest(
        `${field}.volumeMounts[${index}].name`,
        `There is no volume named "${mount.name}"`,
      );
    }
  }
}

function checkEnvironment(field: string, variables: readonly EnvironmentVariable[]): void {
  const names = new Set<string>();
  for (const [index, variable] of variables.entries()) {
    const at = `${field}[${index}]`;
    if (variable.name === "" || names.has(variable.name)) {
      throw badRequest(
        `${at}.name`,
        `Environment variable "${variable.name}" is empty or repeated`,
      );
    }
    if (RESERVED_NAMES.has(variable.name)) {
      throw badRequest(
        `${at}.name`,
        `The following reserved env names were provided: ${variable.name}. These values are automatically set by the system.`,
      );
    }
    if (Buffer.byteLength(variable.value ?? "") > ENVIRONMENT_VALUE_MAX_BYTES) {
      throw badRequest(
        `${at}.value`,
        `The value is longer than ${ENVIRONMENT_VALUE_MAX_BYTES} bytes`,
      );
    }
    names.add(variable.name);
  }
}

function checkPorts(field: string, container: Container): void {
  const ports = container.ports ?? [];
  if (ports.length > 1) {
    throw badRequest(field, "Only a single port can be specified");
  }
  for (const { name, containerPort } of ports) {
    if (name !== undefined && name !== "http1" && name !== "h2c") {
      throw badRequest(`${field}.name`, `Port name must be http1 or h2c, not "${name}"`);
    }
    checkPortNumber(`${field}.containerPort`, containerPort);
  }
}

function checkPortNumber(field: string, port: number | undefined): void {
  if (port !== undefined && (port < 1 || port > PORT_MAX)) {
    throw badRequest(field, `Port must be from 1 to ${PORT_MAX}, not ${port}`);
  }
}

function checkProbe(field: string, probe: Probe | undefined, maxSeconds: number): void {
  if (probe === undefined) {
    return;
  }
  const kinds = [probe.httpGet, probe.tcpSocket, probe.grpc].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) {
    throw badRequest(field, "Exactly one of httpGet, tcpSocket and grpc must be specified");
  }
  const timeout = probe.timeoutSeconds ?? 1;
  const period = probe.periodSeconds ?? 10;
  checkRange(`${field}.initialDelaySeconds`, probe.initialDelaySeconds ?? 0, [0, maxSeconds]);
  checkRange(`${field}.periodSeconds`, period, [1, maxSeconds]);
  checkRange(`${field}.timeoutSeconds`, timeout, [1, period]);
  checkRange(`${field}.failureThreshold`, probe.failureThreshold ?? 3, [1, Infinity]);
}

function checkRange(field: string, value: number, [min, max]: readonly [number, number]): void {
  if (value < min || value > max) {
    throw badRequest(field, `${field} must be from ${min} to ${max}, not ${value}`);
  }
}
