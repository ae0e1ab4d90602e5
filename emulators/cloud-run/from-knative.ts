import { badRequest } from "../kit/google-error.ts";
import {
  type KnativeContainer,
  KnativeManifest,
  type KnativeProbe,
  type KnativeVariable,
  type KnativeVolume,
} from "./knative-manifest.ts";
import { ownLabels, ownPairs } from "./metadata-rules.ts";
import { present } from "./present.ts";
import type {
  Container,
  EnvironmentVariable,
  Pairs,
  Probe,
  RevisionTemplate,
  Scaling,
  ServiceSpec,
  Volume,
} from "./wire.ts";

const RUN = "run.googleapis.com";
const AUTOSCALING = "autoscaling.knative.dev";
const SQL_VOLUME = "cloudsql";

const INGRESS: Readonly<Record<string, string>> = {
  all: "INGRESS_TRAFFIC_ALL",
  internal: "INGRESS_TRAFFIC_INTERNAL_ONLY",
  "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
  none: "INGRESS_TRAFFIC_NONE",
};

const GENERATION: Readonly<Record<string, string>> = {
  gen1: "EXECUTION_ENVIRONMENT_GEN1",
  gen2: "EXECUTION_ENVIRONMENT_GEN2",
};

const EGRESS: Readonly<Record<string, string>> = {
  "all-traffic": "ALL_TRAFFIC",
  "private-ranges-only": "PRIVATE_RANGES_ONLY",
};

/** A service's id and its specification in the form of the API's second version. */
type ConvertedManifest = { readonly id: string; readonly spec: ServiceSpec };

/**
 * Turns a Knative service into the second version's form: annotations in the platform's namespaces
 * become fields, the others stay. The manifest's own traffic is left out.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1 and
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 * @throws GoogleError INVALID_ARGUMENT that names what is wrong with the manifest.
 */
export function fromKnative(manifest: unknown): ConvertedManifest {
  const parsed = KnativeManifest.safeParse(manifest);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = (issue?.path ?? []).map(String).join(".");
    throw badRequest(field, `The manifest is not valid: ${field}: ${issue?.message ?? ""}`);
  }
  const { metadata, spec } = parsed.data;
  return { id: metadata.name, spec: toSpec(metadata, toTemplate(spec.template)) };
}

function toSpec(metadata: KnativeManifest["metadata"], template: RevisionTemplate): ServiceSpec {
  const { annotations } = metadata;
  return present({
    labels: ownLabels(metadata.labels),
    annotations: ownPairs(annotations),
    ingress: choose(INGRESS, annotations, `${RUN}/ingress`),
    launchStage: annotations[`${RUN}/launch-stage`],
    description: annotations[`${RUN}/description`],
    client: annotations[`${RUN}/client-name`],
    clientVersion: annotations[`${RUN}/client-version`],
    scaling: toScaling(
      count(annotations, `${RUN}/minScale`),
      count(annotations, `${RUN}/maxScale`),
    ),
    invokerIamDisabled: flag(annotations, `${RUN}/invoker-iam-disabled`),
    defaultUriDisabled: flag(annotations, `${RUN}/default-url-disabled`),
    template,
  });
}

function toTemplate(template: KnativeManifest["spec"]["template"]): RevisionTemplate {
  const { metadata, spec } = template;
  const { annotations } = metadata;
  const { timeoutSeconds } = spec;
  const instances = (annotations[`${RUN}/cloudsql-instances`] ?? "").split(",").filter(Boolean);
  const volumes = [...(spec.volumes ?? []).map(toVolume(annotations)), ...sqlVolumes(instances)];
  return present({
    revision: metadata.name,
    labels: ownLabels(metadata.labels),
    annotations: ownPairs(annotations),
    scaling: toScaling(
      count(annotations, `${AUTOSCALING}/minScale`, `${AUTOSCALING}/min-scale`),
      count(annotations, `${AUTOSCALING}/maxScale`, `${AUTOSCALING}/max-scale`),
    ),
    executionEnvironment: choose(GENERATION, annotations, `${RUN}/execution-environment`),
    maxInstanceRequestConcurrency: spec.containerConcurrency,
    timeout: timeoutSeconds === undefined ? undefined : `${timeoutSeconds}s`,
    serviceAccount: spec.serviceAccountName,
    sessionAffinity: flag(annotations, `${RUN}/sessionAffinity`),
    vpcAccess: toNetwork(annotations),
    volumes: volumes.length > 0 ? volumes : undefined,
    containers: spec.containers.map((container) => toContainer(container, annotations, instances)),
  });
}

function toNetwork(annotations: Pairs): object | undefined {
  const connector = annotations[`${RUN}/vpc-access-connector`];
  const egress = choose(EGRESS, annotations, `${RUN}/vpc-access-egress`);
  const interfaces = annotations[`${RUN}/network-interfaces`];
  if (connector === undefined && interfaces === undefined) {
    return undefined;
  }
  const networkInterfaces =
    interfaces === undefined ? undefined : parseJson(`${RUN}/network-interfaces`, interfaces);
  return present({ connector, egress, networkInterfaces });
}

function toContainer(
  given: KnativeContainer,
  annotations: Pairs,
  instances: readonly string[],
): Container {
  const { name, image, command, args, ports, workingDir } = given;
  const sqlMounts = instances.length > 0 ? [{ name: SQL_VOLUME, mountPath: "/cloudsql" }] : [];
  const mounts = [...(given.volumeMounts ?? []), ...sqlMounts];
  return present({
    name,
    image,
    command,
    args,
    env: given.env?.map(toVariable(annotations)),
    resources: present({
      limits: given.resources?.limits,
      cpuIdle: annotations[`${RUN}/cpu-throttling`] !== "false",
      startupCpuBoost: flag(annotations, `${RUN}/startup-cpu-boost`),
    }),
    ports: ports?.map((port) => present(port)),
    volumeMounts: mounts.length > 0 ? mounts : undefined,
    workingDir,
    livenessProbe: toProbe(given.livenessProbe),
    startupProbe: toProbe(given.startupProbe),
    readinessProbe: toProbe(given.readinessProbe),
  });
}

function toProbe(probe: KnativeProbe | undefined): Probe | undefined {
  if (probe === undefined) {
    return undefined;
  }
  const { httpGet, tcpSocket, grpc, ...times } = probe;
  return present({
    ...present(times),
    httpGet: httpGet === undefined ? undefined : present(httpGet),
    tcpSocket: tcpSocket === undefined ? undefined : present(tcpSocket),
    grpc: grpc === undefined ? undefined : present(grpc),
  });
}

function toVariable(annotations: Pairs): (variable: KnativeVariable) => EnvironmentVariable {
  return ({ name, value = "", valueFrom }) => {
    const key = valueFrom?.secretKeyRef;
    if (key === undefined) {
      return { name, value };
    }
    const secretKeyRef = { secret: secretName(annotations, key.name), version: key.key };
    return { name, valueSource: { secretKeyRef } };
  };
}

function toVolume(annotations: Pairs): (volume: KnativeVolume) => Volume {
  return ({ name, secret, emptyDir, csi, nfs }) =>
    present({
      name,
      secret: secret === undefined ? undefined : toSecretVolume(annotations, secret),
      emptyDir: emptyDir === undefined ? undefined : toEmptyDir(emptyDir),
      gcs:
        csi === undefined
          ? undefined
          : { bucket: csi.volumeAttributes.bucketName, readOnly: csi.readOnly ?? false },
      nfs: nfs === undefined ? undefined : { readOnly: false, ...present(nfs) },
    });
}

function toSecretVolume(
  annotations: Pairs,
  secret: NonNullable<KnativeVolume["secret"]>,
): NonNullable<Volume["secret"]> {
  return present({
    secret: secretName(annotations, secret.secretName),
    items: secret.items?.map(({ key, path }) => ({ version: key, path })),
    defaultMode: secret.defaultMode,
  });
}

function toEmptyDir(
  given: NonNullable<KnativeVolume["emptyDir"]>,
): NonNullable<Volume["emptyDir"]> {
  const medium = given.medium === "Memory" ? "MEMORY" : undefined;
  return present({ medium, sizeLimit: given.sizeLimit });
}

function sqlVolumes(instances: readonly string[]): readonly Volume[] {
  return instances.length > 0 ? [{ name: SQL_VOLUME, cloudSqlInstance: { instances } }] : [];
}

/** A secret of another project is named by an alias that an annotation explains. */
function secretName(annotations: Pairs, alias: string): string {
  const entries = (annotations[`${RUN}/secrets`] ?? "").split(",");
  const found = entries.find((entry) => entry.startsWith(`${alias}:`));
  return found === undefined ? alias : found.slice(alias.length + 1);
}

function flag(annotations: Pairs, key: string): boolean | undefined {
  const given = annotations[key];
  return given === undefined ? undefined : given === "true";
}

function choose(
  values: Readonly<Record<string, string>>,
  annotations: Pairs,
  key: string,
): string | undefined {
  const given = annotations[key];
  const value = given === undefined ? undefined : values[given];
  if (given !== undefined && value === undefined) {
    throw badRequest(
      key,
      `${key} must be one of ${Object.keys(values).join(", ")}, not "${given}"`,
    );
  }
  return value;
}

function count(annotations: Pairs, ...keys: readonly string[]): number | undefined {
  const key = keys.find((one) => annotations[one] !== undefined) ?? "";
  const text = annotations[key];
  if (text !== undefined && !/^\d+$/.test(text)) {
    throw badRequest(key, `${key} must be a whole number, not "${text}"`);
  }
  return text === undefined ? undefined : Number(text);
}

function toScaling(min: number | undefined, max: number | undefined): Scaling | undefined {
  return min === undefined && max === undefined
    ? undefined
    : present({ minInstanceCount: min, maxInstanceCount: max });
}

function parseJson(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(field, `${field} is not JSON`);
  }
}
