import { isRecord } from "../kit/json.ts";
import {
  type Codec,
  converted,
  type Field,
  listOf,
  part,
  read,
  SAME,
  show,
  shown,
  valueAt,
  words,
} from "./knative-table.ts";
import type { Container } from "./pod-spec.ts";

/** The volume of the sockets of databases; version 1 has an annotation instead. */
const SQL = { name: "cloudsql", mountPath: "/cloudsql" };

const GENERATION = words({
  gen1: "EXECUTION_ENVIRONMENT_GEN1",
  gen2: "EXECUTION_ENVIRONMENT_GEN2",
});
const EGRESS = words({
  "all-traffic": "ALL_TRAFFIC",
  "private-ranges-only": "PRIVATE_RANGES_ONLY",
});
const MEDIUM = words({ Memory: "MEMORY" });

/** A number, a truth or a message that is a text in version 1, where gcloud writes `True`. */
export const AS_JSON = converted(
  (value) => JSON.stringify(value),
  (value) => {
    try {
      return JSON.parse(String(value).replace(/^(?:True|False)$/, (word) => word.toLowerCase()));
    } catch {
      return value;
    }
  },
);

/** A text that YAML may read as something else. */
const AS_TEXT = converted((value) => value, String);

/** A duration that is a number in version 1. */
export const AS_SECONDS = converted(
  (value) => Number.parseFloat(String(value)),
  (value) => `${String(value)}s`,
);

/** Pairs of texts, such as labels, and which of version 1's are taken over. */
export function pairs(own: (given: Readonly<Record<string, string>>) => unknown): Codec {
  return converted(
    (value) => value,
    (value) =>
      isRecord(value)
        ? own(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)])))
        : value,
  );
}

/** Fields that have the same name in both. */
export function same(...names: readonly string[]): readonly Field[] {
  return names.map((name) => [name, name]);
}

function containerFields(secret: Codec): readonly Field[] {
  const variable: readonly Field[] = [
    ["name", "name"],
    ["value", "value", AS_TEXT],
    ["valueSource secretKeyRef secret", "valueFrom secretKeyRef name", secret],
    ["valueSource secretKeyRef version", "valueFrom secretKeyRef key"],
  ];
  return [
    ...same("name", "image", "command", "args", "workingDir", "ports", "volumeMounts"),
    ...same("livenessProbe", "startupProbe", "readinessProbe"),
    ["env", "env", listOf(variable)],
    ["resources limits", "resources limits", pairs((limits) => limits)],
  ];
}

function volumeFields(secret: Codec): readonly Field[] {
  const item: readonly Field[] = [
    ["path", "path"],
    ["version", "key"],
  ];
  const emptyDir: readonly Field[] = [
    ["medium", "medium", MEDIUM],
    ["sizeLimit", "sizeLimit", AS_TEXT],
  ];
  return [
    ...same("name", "nfs"),
    ["secret secret", "secret secretName", secret],
    ["secret items", "secret items", listOf(item)],
    ["secret defaultMode", "secret defaultMode"],
    ["emptyDir", "emptyDir", part(emptyDir)],
    ["gcs", "csi driver", shown(() => "gcsfuse.run.googleapis.com")],
    ["gcs bucket", "csi volumeAttributes bucketName"],
    ["gcs readOnly", "csi readOnly"],
  ];
}

/**
 * What the templates of revisions and of tasks have alike. `spec` is where version 1 has what is no annotation.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1
 */
export function pod(own: string, spec: string): Field {
  const fields = (secret: Codec): readonly Field[] => [
    ["executionEnvironment", note("execution-environment"), GENERATION],
    ["vpcAccess connector", note("vpc-access-connector")],
    ["vpcAccess egress", note("vpc-access-egress"), EGRESS],
    ["vpcAccess networkInterfaces", note("network-interfaces"), AS_JSON],
    ["instances", note("cloudsql-instances"), AS_TEXT],
    ["cpuIdle", note("cpu-throttling"), AS_JSON],
    ["startupCpuBoost", note("startup-cpu-boost"), AS_JSON],
    ["serviceAccount", `${spec} serviceAccountName`],
    ["timeout", `${spec} timeoutSeconds`, AS_SECONDS],
    ["maxRetries", `${spec} maxRetries`],
    ["containers", `${spec} containers`, listOf(containerFields(secret))],
    ["volumes", `${spec} volumes`, listOf(volumeFields(secret))],
  ];
  const codec = converted(
    (template) => show(fields(SAME), gathered(toPod(template))),
    (message) => spread(toPod(read(fields(aliases(valueAt(message, note("secrets")))), message))),
  );
  return [own, "", codec];
}

/** An annotation of the platform's own. */
export function note(name: string): string {
  return `metadata annotations run.googleapis.com/${name}`;
}

/** A secret of another project may have an alias, which an annotation explains. It is shown by its full name. */
function aliases(annotation: unknown): Codec {
  const entries = (typeof annotation === "string" ? annotation : "")
    .split(",")
    .map((entry) => entry.split(":"));
  const names = new Map(entries.map(([alias = "", name = ""]) => [alias, name]));
  return converted(
    (name) => name,
    (alias) => names.get(String(alias)) ?? alias,
  );
}

/** What containers and volumes of version 2 say, and version 1 by annotations of them all. */
type Pod = {
  readonly containers?: readonly Container[];
  readonly volumes?: readonly {
    readonly cloudSqlInstance?: { readonly instances?: readonly string[] };
  }[];
  readonly instances?: string;
  readonly cpuIdle?: boolean;
  readonly startupCpuBoost?: boolean;
};

function gathered({ containers = [], volumes = [], ...rest }: Pod): object {
  const { cpuIdle, startupCpuBoost } = containers[0]?.resources ?? {};
  const instances = volumes.flatMap(({ cloudSqlInstance }) => cloudSqlInstance?.instances ?? []);
  return {
    ...rest,
    ...(instances.length > 0 && { instances: instances.join(",") }),
    ...(cpuIdle !== true && { cpuIdle: false }),
    startupCpuBoost,
    containers: containers.map(({ volumeMounts = [], env = [], ...container }) =>
      Object.assign(container, {
        env,
        volumeMounts: volumeMounts.filter(({ name }) => name !== SQL.name),
      }),
    ),
    volumes: volumes.filter(({ cloudSqlInstance }) => cloudSqlInstance === undefined),
  };
}

function spread(template: Pod): object {
  const { containers = [], volumes = [], instances = "", ...rest } = template;
  const { cpuIdle = true, startupCpuBoost, ...others } = rest;
  const connected = instances.split(",").filter((instance) => instance !== "");
  const isConnected = connected.length > 0;
  const sql = { name: SQL.name, cloudSqlInstance: { instances: connected } };
  return {
    ...others,
    containers: containers.map(({ resources, volumeMounts = [], ...container }) =>
      Object.assign(container, {
        resources: { ...resources, cpuIdle, startupCpuBoost },
        volumeMounts: isConnected ? [volumeMounts, SQL].flat() : volumeMounts,
      }),
    ),
    volumes: isConnected ? [...volumes, sql] : volumes,
  };
}

function toPod(template: unknown): Pod {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what version 2 has, or lists as the table makes them
  return template as Pod;
}
