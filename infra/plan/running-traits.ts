import type { protos } from "@google-cloud/run";
import { servingContainer } from "../../shared/adapters/cloud-run.ts";
import { containerTraits, portTraits, volumeTrait } from "./container-traits.ts";
import { listed, number, RETRIES_DEFAULT } from "./trait.ts";
import type { Trait } from "./trait.ts";

type IService = protos.google.cloud.run.v2.IService;
type IJob = protos.google.cloud.run.v2.IJob;
type IContainer = protos.google.cloud.run.v2.IContainer;
type IVpcAccess = protos.google.cloud.run.v2.IVpcAccess;
type INetworkInterface = protos.google.cloud.run.v2.VpcAccess.INetworkInterface;
type IVolume = protos.google.cloud.run.v2.IVolume;
type ITrafficTarget = protos.google.cloud.run.v2.ITrafficTarget;
type Paired = Pick<IService, "labels" | "annotations">;

/** What a service or job is, field by field: each under the name that a person is told, with its value. */
export type Traits = ReadonlyMap<string, string>;

/** What revisions and executions have in common. */
type Template = {
  readonly serviceAccount?: string | null;
  readonly vpcAccess?: IVpcAccess | null;
  readonly volumes?: readonly IVolume[] | null;
  readonly containers?: readonly IContainer[] | null;
  readonly executionEnvironment?: string | number | null;
  readonly encryptionKey?: string | null;
  readonly nodeSelector?: { readonly accelerator?: string | null } | null;
  readonly gpuZonalRedundancyDisabled?: boolean | null;
};

/** Where nobody said whose requests arrive. */
const INGRESS_DEFAULT = "INGRESS_TRAFFIC_ALL";

const INGRESS: Readonly<Record<string, string>> = {
  INGRESS_TRAFFIC_UNSPECIFIED: "all",
  [INGRESS_DEFAULT]: "all",
  INGRESS_TRAFFIC_INTERNAL_ONLY: "internal",
  INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER: "internal-and-cloud-load-balancing",
  INGRESS_TRAFFIC_NONE: "none",
};

/** What somebody uses that is not for everybody yet. */
const EARLY_STAGE = /^(?:EARLY_ACCESS|ALPHA|BETA)$/;

/** Labels that Google's tools put on what they make; Terraform and Cloud Deploy put them there again. */
const TOOL_LABEL =
  /^(?:goog-|managed-by$|delivery-pipeline-id$|location$|project-id$|release-id$|target-id$)/;

/** What a running service is. */
export function serviceTraits(service: IService): Traits {
  const template = service.template ?? {};
  const scaling = { ...service.scaling, ...template.scaling };
  return toTraits([
    ["ingress", ingressOf(service)],
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
    ...accessTraits(service),
    ...trafficTraits(service.traffic ?? []),
    ...revisionTraits(template),
    ...pairTraits(service),
    ...innerPairTraits(template, service),
    ...templateTraits(template),
    ...portTraits(servingContainer(template.containers ?? [])),
  ]);
}

function ingressOf({ ingress }: IService): string {
  const name = String(ingress ?? INGRESS_DEFAULT);
  return INGRESS[name] ?? name;
}

/** Who reaches the service, and by what. That everybody's identity is checked is something to lose too. */
function accessTraits(service: IService): readonly Trait[] {
  const { launchStage, scaling, multiRegionSettings } = service;
  const stage = String(launchStage ?? "");
  return [
    ["invoker check", service.invokerIamDisabled === true ? "off" : "on"],
    ["address of run.app", service.defaultUriDisabled === true ? "off" : null],
    ["Identity-Aware Proxy", service.iapEnabled === true ? "on" : null],
    ["threat detection", service.threatDetectionEnabled === true ? "on" : null],
    ["description", service.description],
    ["launch stage", EARLY_STAGE.test(stage) ? stage : null],
    ["instances by hand", number(scaling?.manualInstanceCount)],
    ["regions", listed(multiRegionSettings?.regions)],
    ["build configuration", service.buildConfig ? "on" : null],
  ];
}

/** A release sends all requests to its own revision, and gives no revision an address of its own. */
function trafficTraits(traffic: readonly ITrafficTarget[]): readonly Trait[] {
  const pinned = traffic.filter(
    ({ revision, percent }) => (revision ?? "") !== "" && (percent ?? 0) > 0,
  );
  return [
    [
      "shares of traffic",
      listed(pinned.map(({ revision, percent }) => `${revision} ${percent} %`)),
    ],
    ...traffic.map(
      ({ tag, revision }) =>
        [`traffic tag ${tag ?? ""}`, hasText(tag) ? nameOf(revision, "latest") : null] as const,
    ),
  ];
}

/** What only revisions of services have. */
function revisionTraits(template: NonNullable<IService["template"]>): readonly Trait[] {
  const action = String(template.encryptionKeyRevocationAction ?? "");
  return [
    ["service mesh", template.serviceMesh?.mesh],
    ["health check", template.healthCheckDisabled === true ? "off" : null],
    ["revocation of the encryption key", action.endsWith("_UNSPECIFIED") ? null : action],
    ["shutdown after revocation", number(template.encryptionKeyShutdownDuration?.seconds)],
  ];
}

/** What a job is. */
export function jobTraits(job: IJob): Traits {
  const { template: task, taskCount, parallelism } = job.template ?? {};
  return toTraits([
    ["tasks", number(taskCount)],
    ["tasks at once", number(parallelism)],
    // None at all is what somebody chose; without a choice there are three.
    ["retries of a task", String(task?.maxRetries ?? RETRIES_DEFAULT)],
    ["timeout of a task", number(task?.timeout?.seconds)],
    ["binary authorization", job.binaryAuthorization ? "on" : null],
    ...pairTraits(job),
    ...innerPairTraits(job.template ?? {}, job),
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

function pairTraits({ labels, annotations }: Paired): readonly Trait[] {
  const own = Object.entries(labels ?? {}).filter(([key]) => !TOOL_LABEL.test(key));
  return [
    ...own.map(([key, value]) => [`label ${key}`, value || "empty"] as const),
    ...Object.entries(annotations ?? {}).map(
      ([key, value]) => [`annotation ${key}`, value || "empty"] as const,
    ),
  ];
}

/** Labels and annotations of what a service or a job makes, as far as it has not the same itself. */
function innerPairTraits(inner: Paired, outer: Paired): readonly Trait[] {
  const own = new Map(pairTraits(outer));
  return pairTraits(inner)
    .filter(([name, value]) => own.get(name) !== value)
    .map(([name, value]) => [`template's ${name}`, value] as const);
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
    ["accelerator", template.nodeSelector?.accelerator],
    ["one zone for accelerators", template.gpuZonalRedundancyDisabled === true ? "on" : null],
    ...(template.volumes ?? []).map(volumeTrait),
    ...sidecars.map(({ name, image }) => [`container ${nameOf(name, image)}`, "beside"] as const),
    ...containerTraits(serving, template.volumes ?? []),
  ];
}

/** A job has its processor throughout; a service only where somebody asked for it. */
function isAlwaysOn(containers: readonly IContainer[]): boolean {
  return containers.some(({ resources }) => resources?.cpuIdle === false);
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

function nameOf(...names: readonly (string | null | undefined)[]): string {
  return names.find(hasText) ?? "";
}

function hasText(text: string | null | undefined): boolean {
  return (text ?? "") !== "";
}

function filled(value: object | undefined): string | null {
  return value === undefined ? null : "on";
}
