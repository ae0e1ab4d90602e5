import { badRequest } from "../kit/google-error.ts";
import { checkLimits } from "./resource-limits.ts";
import type { Container, EnvironmentVariable, Probe, TaskTemplate } from "./wire.ts";

const CONTAINERS_MAX = 10;
const ENVIRONMENT_VALUE_MAX_BYTES = 32_768;
const PORT_MAX = 65_535;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Set by the platform itself, so nobody else may. */
const RESERVED_NAMES = new Set(["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"]);

const STARTUP_PROBE_MAX_SECONDS = 240;
const LIVENESS_PROBE_MAX_SECONDS = 3600;

/**
 * Checks the containers of a template. Of several one needs a port where requests are answered.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Container
 * @throws GoogleError INVALID_ARGUMENT that names the field.
 */
export function checkContainers(
  field: string,
  { containers = [], volumes = [] }: Pick<TaskTemplate, "containers" | "volumes">,
  { needsPort }: { readonly needsPort: boolean },
): void {
  const place = `${field}.containers`;
  const { length } = containers;
  if (length === 0 || length > CONTAINERS_MAX) {
    throw badRequest(place, `There must be from 1 to ${CONTAINERS_MAX} containers, not ${length}`);
  }
  checkNames(`${place}.name`, containers);
  const withPort = containers.filter(({ ports = [] }) => ports.length > 0).length;
  if (withPort > 1 || (withPort === 0 && needsPort && length > 1)) {
    throw badRequest(`${place}.ports`, "Exactly one of several containers must have a port");
  }
  const mounted = new Set(volumes.map(({ name }) => name));
  for (const [index, container] of containers.entries()) {
    checkContainer(`${place}[${index}]`, container, mounted);
  }
}

function checkNames(field: string, containers: readonly Container[]): void {
  const names = containers.flatMap(({ name }) => name ?? []);
  const wrong = names.find((name) => !DNS_LABEL.test(name));
  if (wrong !== undefined) {
    throw badRequest(field, `"${wrong}" is not a valid container name`);
  }
  if (new Set(names).size < names.length) {
    throw badRequest(field, "Container names must be unique");
  }
}

function checkContainer(field: string, container: Container, volumes: ReadonlySet<string>): void {
  const { image = "", env = [], resources = {}, volumeMounts = [] } = container;
  if (image === "") {
    throw badRequest(`${field}.image`, `${field}.image must not be empty`);
  }
  checkEnvironment(`${field}.env`, env);
  checkLimits(`${field}.resources.limits`, resources.limits ?? {});
  checkPorts(`${field}.ports`, container);
  checkProbe(`${field}.startupProbe`, container.startupProbe, STARTUP_PROBE_MAX_SECONDS);
  checkProbe(`${field}.livenessProbe`, container.livenessProbe, LIVENESS_PROBE_MAX_SECONDS);
  for (const [index, { name }] of volumeMounts.entries()) {
    if (!volumes.has(name)) {
      throw badRequest(
        `${field}.volumeMounts[${index}].name`,
        `There is no volume named "${name}"`,
      );
    }
  }
}

function checkEnvironment(field: string, variables: readonly EnvironmentVariable[]): void {
  const names = new Set<string>();
  for (const [index, { name, value = "" }] of variables.entries()) {
    const at = `${field}[${index}]`;
    if (name === "" || names.has(name)) {
      throw badRequest(`${at}.name`, `Environment variable "${name}" is empty or repeated`);
    }
    if (RESERVED_NAMES.has(name)) {
      throw badRequest(
        `${at}.name`,
        `The following reserved env names were provided: ${name}. These values are automatically set by the system.`,
      );
    }
    if (Buffer.byteLength(value) > ENVIRONMENT_VALUE_MAX_BYTES) {
      const message = `The value is longer than ${ENVIRONMENT_VALUE_MAX_BYTES} bytes`;
      throw badRequest(`${at}.value`, message);
    }
    names.add(name);
  }
}

function checkPorts(field: string, { ports = [] }: Container): void {
  if (ports.length > 1) {
    throw badRequest(field, "Only a single port can be specified");
  }
  for (const { name = "http1", containerPort = 1 } of ports) {
    if (name !== "http1" && name !== "h2c") {
      throw badRequest(`${field}.name`, `Port name must be http1 or h2c, not "${name}"`);
    }
    checkRange(`${field}.containerPort`, containerPort, [1, PORT_MAX]);
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
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1 } = probe;
  checkRange(`${field}.initialDelaySeconds`, initialDelaySeconds, [0, maxSeconds]);
  checkRange(`${field}.periodSeconds`, periodSeconds, [1, maxSeconds]);
  checkRange(`${field}.timeoutSeconds`, timeoutSeconds, [1, periodSeconds]);
  checkRange(`${field}.failureThreshold`, probe.failureThreshold ?? 3, [1, Infinity]);
}

/**
 * Checks a number.
 * @throws GoogleError INVALID_ARGUMENT when it is below the first or above the second bound, or none.
 */
export function checkRange(
  field: string,
  value: number,
  [min, max]: readonly [min: number, max: number],
): void {
  if (!(value >= min && value <= max)) {
    throw badRequest(field, `${field} must be from ${min} to ${max}, not ${value}`);
  }
}
