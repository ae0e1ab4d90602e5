import { RUN, SQL_VOLUME } from "./knative-parts.ts";
import { present } from "./present.ts";
import type { TaskTemplate } from "./job-records.ts";
import type { Container, EnvironmentVariable, Pairs, RevisionTemplate, Volume } from "./wire.ts";

/** What the templates of services and of jobs have in version 1: annotations of their metadata, and a part of their `spec`. */
type KnativePod = { readonly annotations: Pairs; readonly spec: object };

/**
 * The counterpart of `toPodParts`: nothing that it reads is lost, so that a service which is read, changed and written
 * in version 1 keeps what was not changed.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1
 */
export function toKnativePod(template: RevisionTemplate | TaskTemplate): KnativePod {
  const { containers = [], volumes = [], serviceAccount } = template;
  const alias = secretAliases([...containers.flatMap(secretsOf), ...volumes.flatMap(secretOf)]);
  const instances = volumes.flatMap(({ cloudSqlInstance }) => cloudSqlInstance?.instances ?? []);
  const others = volumes.filter(({ cloudSqlInstance }) => cloudSqlInstance === undefined);
  return {
    annotations: present({
      [`${RUN}/execution-environment`]: generation(template.executionEnvironment),
      [`${RUN}/cloudsql-instances`]: instances.length > 0 ? instances.join(",") : undefined,
      [`${RUN}/secrets`]: alias.annotation,
      ...cpuAnnotations(containers[0]),
      ...networkAnnotations(template.vpcAccess),
    }),
    spec: present({
      serviceAccountName: serviceAccount,
      containers: containers.map((container) => toContainer(container, alias.of)),
      volumes: others.length > 0 ? others.map((volume) => toVolume(volume, alias.of)) : undefined,
    }),
  };
}

/** What version 2 says of each container, and version 1 of all. */
function cpuAnnotations(container: Container | undefined): Pairs {
  const { cpuIdle, startupCpuBoost } = container?.resources ?? {};
  return present({
    [`${RUN}/cpu-throttling`]: cpuIdle === false ? "false" : undefined,
    [`${RUN}/startup-cpu-boost`]: startupCpuBoost?.toString(),
  });
}

type Alias = (secret: string) => string;

/** A secret of another project has an alias, which an annotation explains. */
function secretAliases(secrets: readonly string[]): {
  readonly of: Alias;
  readonly annotation: string | undefined;
} {
  const foreign = [...new Set(secrets.filter((secret) => secret.includes("/")))];
  const of: Alias = (secret) =>
    foreign.includes(secret) ? `secret-${foreign.indexOf(secret) + 1}` : secret;
  const written = foreign.map((secret) => `${of(secret)}:${secret}`).join(",");
  return { of, annotation: written === "" ? undefined : written };
}

function secretsOf({ env = [] }: Container): readonly string[] {
  return env.flatMap(({ valueSource }) => valueSource?.secretKeyRef?.secret ?? []);
}

function secretOf({ secret }: Volume): readonly string[] {
  return secret === undefined ? [] : [secret.secret];
}

function toContainer(container: Container, alias: Alias): object {
  const { env = [], resources, volumeMounts = [], dependsOn: _, ...same } = container;
  const mounts = volumeMounts.filter(({ name }) => name !== SQL_VOLUME);
  return present({
    ...same,
    env: env.map((variable) => toVariable(variable, alias)),
    resources: { limits: resources?.limits ?? {} },
    volumeMounts: mounts.length > 0 ? mounts : undefined,
  });
}

function toVariable({ name, value = "", valueSource }: EnvironmentVariable, alias: Alias): object {
  const { secret, version = "latest" } = valueSource?.secretKeyRef ?? {};
  return secret === undefined
    ? { name, value }
    : { name, valueFrom: { secretKeyRef: { name: alias(secret), key: version } } };
}

function toVolume({ name, secret, emptyDir, gcs, nfs }: Volume, alias: Alias): object {
  return present({
    name,
    secret:
      secret &&
      present({
        secretName: alias(secret.secret),
        items: secret.items?.map(({ version = "latest", path }) => ({ key: version, path })),
        defaultMode: secret.defaultMode,
      }),
    emptyDir:
      emptyDir &&
      present({
        medium: emptyDir.medium === undefined ? undefined : "Memory",
        sizeLimit: emptyDir.sizeLimit,
      }),
    csi: gcs && {
      driver: "gcsfuse.run.googleapis.com",
      readOnly: gcs.readOnly ?? false,
      volumeAttributes: { bucketName: gcs.bucket ?? "" },
    },
    nfs,
  });
}

function generation(environment: string | undefined): string | undefined {
  return environment?.replace("EXECUTION_ENVIRONMENT_", "").toLowerCase();
}

function networkAnnotations(vpcAccess: object | undefined): Pairs {
  const {
    connector,
    egress,
    networkInterfaces,
  }: {
    readonly connector?: string;
    readonly egress?: string;
    readonly networkInterfaces?: unknown;
  } = vpcAccess ?? {};
  return present({
    [`${RUN}/vpc-access-connector`]: connector,
    [`${RUN}/vpc-access-egress`]: egress?.toLowerCase().replaceAll("_", "-"),
    [`${RUN}/network-interfaces`]:
      networkInterfaces === undefined ? undefined : JSON.stringify(networkInterfaces),
  });
}
