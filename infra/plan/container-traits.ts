import type { protos } from "@google-cloud/run";
import { listed, number } from "./trait.ts";
import type { Trait } from "./trait.ts";

type IContainer = protos.google.cloud.run.v2.IContainer;
type IEnvVar = protos.google.cloud.run.v2.IEnvVar;
type IProbe = protos.google.cloud.run.v2.IProbe;
type IVolume = protos.google.cloud.run.v2.IVolume;

/** The version of a secret that nobody pinned. */
const LATEST = "latest";

/** Under this name all Cloud SQL sockets are one, whatever the volume is called. */
const SOCKETS = "cloudsql";
const SOCKET_FOLDER = "/cloudsql";

/** What Cloud Run asks of a probe that does not say. Source: https://cloud.google.com/run/docs/configuring/healthchecks */
const PROBE_DEFAULTS = { timeoutSeconds: 1, periodSeconds: 10, failureThreshold: 3 } as const;

/** The probe that Cloud Run shows where nobody asked for one: the port must open within four minutes. */
const PORT_PROBE_TIMING = timingText({
  timeoutSeconds: 240,
  periodSeconds: 240,
  failureThreshold: 1,
});

/** What the container is that answers requests, or does a job's work. */
export function containerTraits(
  container: IContainer,
  volumes: readonly IVolume[],
): readonly Trait[] {
  const { env, volumeMounts, resources } = container;
  const sockets = new Set(volumes.filter(isSockets).map(({ name }) => name));
  return [
    ["command", listed(container.command)],
    ["arguments", listed(container.args)],
    ["working directory", container.workingDir],
    ["order of containers", listed(container.dependsOn)],
    ["automatic updates of the base image", container.baseImageUri],
    ["processor at the start", resources?.startupCpuBoost === true ? "more" : null],
    ...Object.entries(resources?.limits ?? {})
      .filter(([name]) => name !== "cpu" && name !== "memory")
      .map(([name, value]) => [`limit ${name}`, value] as const),
    ...(env ?? []).map(variableTrait),
    ...(volumeMounts ?? []).map(({ name, mountPath, subPath }) => {
      const volume = sockets.has(name) && mountPath === SOCKET_FOLDER ? SOCKETS : name;
      return [`mount ${mountPath ?? ""}`, named(volume, subPath)] as const;
    }),
    ...probeTraits("startup probe", container.startupProbe ?? null),
    ...probeTraits("liveness probe", container.livenessProbe ?? null),
    ...probeTraits("readiness probe", container.readinessProbe ?? null),
  ];
}

/** Where a service listens, and how it is spoken to. */
export function portTraits({ ports }: IContainer): readonly Trait[] {
  const [port] = ports ?? [];
  return [
    ["port", number(port?.containerPort)],
    ["protocol", port?.name === "h2c" ? "h2c" : null],
  ];
}

/** A volume, and what is in it. */
export function volumeTrait(volume: IVolume): Trait {
  return [`volume ${isSockets(volume) ? SOCKETS : volume.name}`, volumeText(volume)];
}

/** Cloud SQL instances, in one order. */
export function instancesText(instances: readonly string[]): string {
  return `instances ${instances.toSorted().join(",")}`;
}

/** How often and how long a probe asks, with Cloud Run's own numbers where it does not say. */
export function timingText(probe: IProbe): string {
  const { timeoutSeconds, periodSeconds, failureThreshold } = PROBE_DEFAULTS;
  const delay = number(probe.initialDelaySeconds);
  const timeout = number(probe.timeoutSeconds) ?? timeoutSeconds;
  return [
    `${timeout} s every ${number(probe.periodSeconds) ?? periodSeconds} s`,
    `${number(probe.failureThreshold) ?? failureThreshold} times`,
    ...(delay === null ? [] : [`after ${delay} s`]),
  ].join(", ");
}

/** A volume, or the part of it that is mounted. */
function named(volume: string | null | undefined, subPath: string | null | undefined): string {
  return [volume, subPath].filter((part) => (part ?? "") !== "").join(" ");
}

function isSockets({ cloudSqlInstance }: IVolume): boolean {
  return (cloudSqlInstance?.instances ?? []).length > 0;
}

function variableTrait({ name, value, valueSource }: IEnvVar): Trait {
  const secret = valueSource?.secretKeyRef;
  const version = secret?.version ?? LATEST;
  const pinned = version === LATEST || version === "" ? "" : ` version ${version}`;
  const shown = secret ? `secret ${secret.secret ?? ""}${pinned}` : `value ${value ?? ""}`;
  return [`variable ${name ?? ""}`, shown];
}

function probeTraits(name: string, probe: IProbe | null): readonly Trait[] {
  if (probe === null) {
    return [];
  }
  const timing = timingText(probe);
  if (probe.tcpSocket) {
    return timing === PORT_PROBE_TIMING
      ? []
      : [
          [name, `port ${probe.tcpSocket.port ?? ""}`],
          [`timing of the ${name}`, timing],
        ];
  }
  const headers = probe.httpGet?.httpHeaders ?? [];
  const asked = probe.grpc ? `gRPC ${probe.grpc.service ?? ""}`.trim() : probe.httpGet?.path;
  return [
    [name, asked],
    ...headers.map(
      (header) => [`header ${header.name ?? ""} of the ${name}`, header.value] as const,
    ),
    [`timing of the ${name}`, timing],
  ];
}

function volumeText({ secret, cloudSqlInstance, emptyDir, gcs, nfs }: IVolume): string {
  if (secret) {
    return `secret ${secret.secret ?? ""}`;
  }
  if (cloudSqlInstance) {
    return instancesText(cloudSqlInstance.instances ?? []);
  }
  return JSON.stringify({ emptyDir, gcs, nfs });
}
