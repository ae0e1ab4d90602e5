import { environmentId, serviceId } from "../../domain/ids.ts";
import type { SpecRevision } from "../../domain/ids.ts";
import type {
  BuildSource,
  DeployType,
  Environment,
  OrderPolicy,
  PipelineRef,
  Service,
  TagPolicy,
} from "../../domain/service.ts";
import { parseImageReference } from "../image-reference.ts";
import { contentHash } from "./content-hash.ts";
import { dnsNameOf } from "./dns-name.ts";
import { toNotify } from "./notify-section.ts";
import { parsePrincipal } from "./principal.ts";
import type { ServiceSpec } from "./schema.ts";
import { namesBuild } from "./tag-pattern.ts";
import { toPolicy } from "./to-policy.ts";
import { entryOf } from "../../domain/entry-of.ts";

/** Where an installation keeps what belongs to a service. */
export type Placement = {
  /**
   * The project of the delivery pipelines: the installation's own, or that of the service's last stage to
   * adopt the pipeline that the Managed Services Platform made there.
   */
  readonly pipelineProject: string;
  /** Names what is deployed. */
  readonly revision: SpecRevision;
  /** What a release changes; the specification's own word unless somebody else's pipeline decides it. */
  readonly manages: "service" | "image";
  /** The `gs://` address of the archive that is rendered for the revision. */
  readonly sourceUri: string;
};

type EnvironmentSpec = ServiceSpec["environments"][number];

const REGION_DEFAULT = "us-central1";

/** A service as the domain knows it: the specification with the defaults of its environments' categories. */
export function toService(spec: ServiceSpec, placement: Placement): Service {
  const { service, build, delivery, rollout } = spec;
  const kind = service.kind === "job" ? "job" : "service";
  return {
    id: serviceId(service.id),
    name: nameOf(spec),
    kind,
    manages: placement.manages,
    owners: service.owners,
    image: parseImageReference(build.image ?? "")?.repository ?? "",
    source: toSource(build),
    revision: placement.revision,
    fingerprint: contentHash({ spec, pipelineProject: placement.pipelineProject }),
    sourceUri: placement.sourceUri,
    releaser:
      rollout?.serviceAccount === undefined
        ? null
        : parsePrincipal(`serviceAccount:${rollout.serviceAccount}`),
    tags: toTags(delivery.tags),
    order: delivery.order ?? defaultOrder(delivery.tags),
    queue: delivery.queue,
    sharesWith: delivery.sharesWith,
    notify: toNotify(delivery.notify, spec.service.id),
    environments: inOrder(spec).map((environment) => toEnvironment(spec, environment, placement)),
  };
}

function toSource({ source }: ServiceSpec["build"]): BuildSource | null {
  const { repo = "", dir = null } = source ?? {};
  return repo === "" ? null : { repo, dir };
}

function nameOf({ service }: ServiceSpec): string {
  return service.name === undefined || service.name === "" ? service.id : service.name;
}

function stageIds({ rollout }: ServiceSpec): readonly string[] {
  return (rollout?.stages ?? []).map(({ environment }) => environment);
}

/** Stages first, in rollout order; then the others as they are written. */
function inOrder(spec: ServiceSpec): readonly EnvironmentSpec[] {
  const stages = stageIds(spec);
  const place = ({ id }: EnvironmentSpec): number =>
    stages.includes(id) ? stages.indexOf(id) : stages.length;
  return spec.environments.toSorted((one, other) => place(one) - place(other));
}

/** A policy of versions orders by version, a pattern that finds build numbers by these. */
function defaultOrder(tags: ServiceSpec["delivery"]["tags"]): OrderPolicy {
  if (tags === undefined) {
    return "pushed";
  }
  if (typeof tags !== "string") {
    return "semver";
  }
  return namesBuild(tags) ? "build" : "pushed";
}

function toTags(tags: ServiceSpec["delivery"]["tags"]): TagPolicy {
  if (tags === undefined) {
    return { kind: "any" };
  }
  return typeof tags === "string"
    ? { kind: "pattern", pattern: tags }
    : { kind: "semver", range: tags.semver };
}

function toEnvironment(
  spec: ServiceSpec,
  environment: EnvironmentSpec,
  placement: Placement,
): Environment {
  const { id, category } = environment;
  const index = stageIds(spec).indexOf(id);
  const stage = index < 0 ? null : index;
  const hasDatabase = environment.resources?.postgreSQL !== undefined;
  const deploy = toDeploy(environment);
  const domain = dnsNameOf(environment);
  const delivery = entryOf(spec.delivery.environments, id);
  return {
    id: environmentId(id),
    category,
    project: environment.projectID,
    region: environment.locations.gcpRegion,
    stage,
    deploy,
    ...toAddress(spec, environment, placement),
    domain: domain === "" ? null : domain,
    hasDatabase,
    policy: toPolicy({ category, deploy: deploy.kind, stage, hasDatabase }, delivery),
  };
}

function toDeploy({ deploy }: EnvironmentSpec): DeployType {
  return deploy.type === "rollout" ? { kind: "rollout" } : { kind: deploy.type, tag: deploy.tag };
}

type Address = {
  readonly pipeline: PipelineRef;
  readonly target: string;
  readonly runService: string;
};

/**
 * What Cloud Deploy and Cloud Run call an environment. In the project of the last stage the names are those of
 * the Managed Services Platform; in a project that services share, the targets carry the service's id as well.
 * An environment outside the stages has a pipeline of its own.
 */
function toAddress(
  spec: ServiceSpec,
  environment: EnvironmentSpec,
  { pipelineProject: project }: Placement,
): Address {
  const stages = stageIds(spec);
  const last = spec.environments.find(({ id }) => id === stages.at(-1));
  const region = environment.locations.gcpRegion;
  const lastRegion = last?.locations.gcpRegion ?? REGION_DEFAULT;
  const own = `${spec.service.id}-${environment.id}-${region}`;
  const isStage = stages.includes(environment.id);
  const target = last?.projectID === project ? `${environment.id}-${lastRegion}` : own;
  return isStage
    ? {
        pipeline: { project, location: lastRegion, id: `${spec.service.id}-${lastRegion}-rollout` },
        target,
        runService: own,
      }
    : { pipeline: { project, location: region, id: own }, target: own, runService: own };
}
