import { badRequest } from "../kit/google-error.ts";
import type {
  KnativeContainer,
  KnativeProbe,
  KnativeVariable,
  KnativeVolume,
} from "./knative-manifest.ts";
import { present } from "./present.ts";
import type { Container, EnvironmentVariable, Pairs, Probe, Scaling, Volume } from "./wire.ts";

/** The namespace of the platform's own annotations. */
export const RUN = "run.googleapis.com";
/** The volume of the sockets of databases; version 1 has an annotation instead. */
export const SQL_VOLUME = "cloudsql";

const GENERATION: Readonly<Record<string, string>> = {
  gen1: "EXECUTION_ENVIRONMENT_GEN1",
  gen2: "EXECUTION_ENVIRONMENT_GEN2",
};

const EGRESS: Readonly<Record<string, string>> = {
  "all-traffic": "ALL_TRAFFIC",
  "private-ranges-only": "PRIVATE_RANGES_ONLY",
};

/** What the templates of services and of jobs say in the same words. */
type PodParts = {
  readonly executionEnvironment?: string;
  readonly serviceAccount?: string;
  readonly vpcAccess?: object;
  readonly volumes?: readonly Volume[];
  readonly containers: readonly Container[];
};

/**
 * The parts that a service's revision and a job's task have in common. `annotations` are those of the template.
 * @throws GoogleError INVALID_ARGUMENT that names the annotation.
 */
export function toPodParts(
  annotations: Pairs,
  spec: {
    readonly serviceAccountName?: string | undefined;
    readonly containers: readonly KnativeContainer[];
    readonly volumes?: readonly KnativeVolume[] | undefined;
  },
): PodParts {
  const instances = (annotations[`${RUN}/cloudsql-instances`] ?? "").split(",").filter(Boolean);
  const volumes = [...(spec.volumes ?? []).map(toVolume(annotations)), ...sqlVolumes(instances)];
  return present({
    executionEnvironment: choose(GENERATION, annotations, `${RUN}/execution-environment`),
    serviceAccount: spec.serviceAccountName,
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
    // gcloud writes an empty one where a container has none.
    name: name === "" ? undefined : name,
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

/** A truth among annotations; undefined when it is not there. */
export function flag(annotations: Pairs, key: string): boolean | undefined {
  const given = annotations[key];
  return given === undefined ? undefined : given === "true";
}

/**
 * A word among annotations in the words of version 2.
 * @throws GoogleError INVALID_ARGUMENT for a word that is none of them.
 */
export function choose(
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

/**
 * A number among annotations, under any of these keys.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function count(annotations: Pairs, ...keys: readonly string[]): number | undefined {
  const key = keys.find((one) => annotations[one] !== undefined) ?? "";
  const text = annotations[key];
  if (text !== undefined && !/^\d+$/.test(text)) {
    throw badRequest(key, `${key} must be a whole number, not "${text}"`);
  }
  return text === undefined ? undefined : Number(text);
}

/** Numbers of instances; undefined when neither is given. */
export function toScaling(min: number | undefined, max: number | undefined): Scaling | undefined {
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
