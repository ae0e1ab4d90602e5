import type { protos } from "@google-cloud/run";
import { servingContainer } from "../../shared/adapters/cloud-run.ts";

type IService = protos.google.cloud.run.v2.IService;
type IJob = protos.google.cloud.run.v2.IJob;
type IContainer = protos.google.cloud.run.v2.IContainer;
type IProbe = protos.google.cloud.run.v2.IProbe;
type IVpcAccess = protos.google.cloud.run.v2.IVpcAccess;
type INetworkInterface = protos.google.cloud.run.v2.VpcAccess.INetworkInterface;
type IVolume = protos.google.cloud.run.v2.IVolume;

/** What a service or job is, field by field: each under the name that a person is told, with its value. */
export type Traits = ReadonlyMap<string, string>;

/** A field that is there or not, or one of a list of its kind. */
type Trait = readonly [string, string | null | undefined];

/** What revisions and executions have in common. */
type Template = {
  readonly serviceAccount?: string | null;
  readonly vpcAccess?: IVpcAccess | null;
  readonly volumes?: readonly IVolume[] | null;
  readonly containers?: readonly IContainer[] | null;
  readonly executionEnvironment?: string | number | null;
  readonly encryptionKey?: string | null;
};

const INGRESS: Readonly<Record<string, string>> = {
  INGRESS_TRAFFIC_ALL: "all",
  INGRESS_TRAFFIC_INTERNAL_ONLY: "internal",
  INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER: "internal-and-cloud-load-balancing",
  INGRESS_TRAFFIC_NONE: "none",
};

/** Labels that Google's tools put on what they make; Terraform and Cloud Deploy put them there again. */
const TOOL_LABEL =
  /^(?:goog-|managed-by$|delivery-pipeline-id$|location$|project-id$|release-id$|target-id$)/;

/** What a running service is. */
export function serviceTraits(service: IService): Traits {
  const template = service.template ?? {};
  const scaling = { ...service.scaling, ...template.scaling };
  return toTraits([
    ["ingress", INGRESS[String(service.ingress)] ?? String(service.ingress)],
    ["minimum of instances", number(scaling.minInstanceCount)],
    ["maximum of instances", number(scaling.maxInstanceCount)],
    ["requests at once", number(template.maxInstanceRequestConcurrency)],
    ["timeout of requests", number(template.timeout?.seconds)],
    ["session affinity", template.sessionAffinity === true ? "on" : null],
    [
      "binary authorization",
      service.binaryAuthorization === null ? null : filled(service.binaryAuthorization),
    ],
    ["custom audiences", listed(service.customAudiences)],
    ["processor outside of requests", isAlwaysOn(template.containers ?? []) ? "always" : null],
    ...pairTraits(service),
    ...templateTraits(template),
  ]);
}

/** What a job is. */
export function jobTraits(job: IJob): Traits {
  const { template: task, taskCount, parallelism } = job.template ?? {};
  return toTraits([
    ["tasks", number(taskCount)],
    ["tasks at once", number(parallelism)],
    ["retries of a task", number(task?.maxRetries)],
    ...pairTraits(job),
    ...templateTraits(task ?? {}),
  ]);
}

function toTraits(traits: readonly Trait[]): Traits {
  return new Map(
    traits.flatMap(([name, value]) =>
      value === null || value === undefined || value === "" ? [] : [[name, value] as const],
    ),
  );
}

function pairTraits({
  labels,
  annotations,
}: Pick<IService, "labels" | "annotations">): readonly Trait[] {
  const own = Object.entries(labels ?? {}).filter(([key]) => !TOOL_LABEL.test(key));
  return [
    ...own.map(([key, value]) => [`label ${key}`, value || "empty"] as const),
    ...Object.entries(annotations ?? {}).map(
      ([key, value]) => [`annotation ${key}`, value || "empty"] as const,
    ),
  ];
}

function templateTraits(template: Template): readonly Trait[] {
  const containers = template.containers ?? [];
  const serving = servingContainer(containers);
  const sidecars = containers.filter((container) => container !== serving);
  return [
    ["account", template.serviceAccount],
    ["network", networkText(template.vpcAccess ?? null)],
    ["execution environment", generation(template.executionEnvironment ?? null)],
    ["encryption key", template.encryptionKey],
    ...(template.volumes ?? []).map(
      (volume) => [`volume ${volume.name}`, volumeText(volume)] as const,
    ),
    ...sidecars.map(({ name, image }) => [`container ${nameOf(name, image)}`, "beside"] as const),
    ...containerTraits(serving),
  ];
}

function containerTraits(container: IContainer): readonly Trait[] {
  const { env, volumeMounts } = container;
  return [
    ["command", listed(container.command)],
    ["arguments", listed(container.args)],
    ...(env ?? []).map(({ name, value, valueSource }) => {
      const secret = valueSource?.secretKeyRef;
      const shown = secret ? `secret ${secret.secret ?? ""}` : `value ${value ?? ""}`;
      return [`variable ${name ?? ""}`, shown] as const;
    }),
    ...(volumeMounts ?? []).map(
      ({ name, mountPath }) => [`mount ${mountPath ?? ""}`, name] as const,
    ),
    ...probeTraits("startup probe", container.startupProbe ?? null),
    ...probeTraits("liveness probe", container.livenessProbe ?? null),
  ];
}

/** A job has its processor throughout; a service only where somebody asked for it. */
function isAlwaysOn(containers: readonly IContainer[]): boolean {
  return containers.some(({ resources }) => resources?.cpuIdle === false);
}

/** Without one of its own Cloud Run probes the port, which it shows as a startup probe too. */
function probeTraits(name: string, probe: IProbe | null): readonly Trait[] {
  const headers = probe?.httpGet?.httpHeaders ?? [];
  return [
    [name, probe?.httpGet?.path],
    ...headers.map(
      (header) => [`header ${header.name ?? ""} of the ${name}`, header.value] as const,
    ),
  ];
}

function volumeText({ secret, cloudSqlInstance, emptyDir, gcs, nfs }: IVolume): string {
  if (secret) {
    return `secret ${secret.secret ?? ""}`;
  }
  if (cloudSqlInstance) {
    return `instances ${(cloudSqlInstance.instances ?? []).join(",")}`;
  }
  return JSON.stringify({ emptyDir, gcs, nfs });
}

/** A network in one line, the same for networks that mean the same. */
export function networkLine(network: {
  readonly connector: string;
  readonly network: string;
  readonly subnetwork: string;
  readonly tags: readonly string[];
  readonly egress: string;
}): string {
  const names = [network.connector, network.network, network.subnetwork].filter(
    (name) => name !== "",
  );
  const tags = network.tags.length === 0 ? [] : [`tags ${network.tags.toSorted().join(",")}`];
  return [...names, ...tags, network.egress].join(" ");
}

function networkText(access: IVpcAccess | null): string | null {
  const [direct] = access?.networkInterfaces ?? [];
  const connector = access?.connector ?? "";
  if (connector === "" && direct === undefined) {
    return null;
  }
  const egress = access?.egress === "ALL_TRAFFIC" ? "all-traffic" : "private-ranges-only";
  return networkLine({ connector, ...interfaceOf(direct ?? {}), egress });
}

function interfaceOf({ network, subnetwork, tags }: INetworkInterface): {
  readonly network: string;
  readonly subnetwork: string;
  readonly tags: readonly string[];
} {
  return { network: network ?? "", subnetwork: subnetwork ?? "", tags: tags ?? [] };
}

function generation(name: string | number | null): string | null {
  const [, digit] = /GEN([12])$/.exec(String(name)) ?? [];
  return digit === undefined ? null : `gen${digit}`;
}

/** Zero is what the API says of a number that nobody set. */
function number(value: { readonly toString: () => string } | null | undefined): string | null {
  const text = value?.toString() ?? "0";
  return text === "0" ? null : text;
}

function nameOf(...names: readonly (string | null | undefined)[]): string {
  return names.find((name) => (name ?? "") !== "") ?? "";
}

function listed(values: readonly string[] | null | undefined): string | null {
  return values === null || values === undefined ? null : values.join(" ");
}

function filled(value: object | undefined): string | null {
  return value === undefined ? null : "on";
}
